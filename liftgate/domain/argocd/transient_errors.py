"""Separates transient errors from permanent ones, by the messages of Argo CD, Kubernetes and Git."""

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
"""Answers of the Kubernetes API server while it, or an admission webhook, restarts."""
_PASSING = re.compile("|".join(_AWAY + _BUSY), re.IGNORECASE)
_UNSEEN = re.compile(r"not our ref|failed to checkout revision|unable to resolve '|repository resources", re.IGNORECASE)
_OF_FILES = re.compile(r"(execution|parse|template) error at |error converting YAML|cannot unmarshal")
_ELSEWHERE = re.compile(
    r"cannot reference a different revision|repository not found|app path does not exist", re.IGNORECASE
)
_RENDERING = re.compile(
    r"failed exit status|manifest generation error|failed to unmarshal|position is out of range|index out of range",
    re.IGNORECASE,
)


def is_passing(said: str) -> bool:
    return bool(_PASSING.search(said))


def is_unseen(said: str) -> bool:
    """Argo CD's repository does not have the commit: a short delay, or another repository."""
    return bool(_UNSEEN.search(said))


def is_of_files(said: str) -> bool:
    """Errors about files, with any other words: a setting may be called `timeout`."""
    return bool(_OF_FILES.search(said))


def is_lasting(said: str) -> bool:
    """Whether the error lasts until a person changes the commit or the Application."""
    if is_of_files(said) or _ELSEWHERE.search(said):
        return True
    return bool(_RENDERING.search(said)) and not is_passing(said) and not is_unseen(said)
