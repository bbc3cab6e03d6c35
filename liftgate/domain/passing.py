"""Faults that pass by themselves: what Argo CD, Kubernetes and Git say of a bad moment, not of a bad commit."""

from __future__ import annotations

import re

_AWAY = (
    r"unavailable|deadline ?exceeded|i/o timeout|timed? ?out\b|\btimeout|\beof\b",
    r"connection (refused|reset|error)|broken pipe|no such host|server misbehaving|dial tcp|tls handshake",
    r"failed to list refs|authentication required|failed to load live state",
    r"(status code|returned error|status|http)[: ]*5\d\d\b",
)
"""A repository, a cluster or a server that cannot be reached now."""
_BUSY = (
    r"the object has been modified|too many requests|etcdserver|try again|unable to handle the request",
    r"failed calling webhook|no endpoints available|leader changed|service is currently unable",
)
"""What the Kubernetes API server answers while it, or an admission webhook, is being restarted."""
_PASSING = re.compile("|".join(_AWAY + _BUSY), re.IGNORECASE)


def is_passing(said: str) -> bool:
    return bool(_PASSING.search(said))
