"""Bad days of the lab's servers: the forge's, Argo CD's and Slack's, from one moment to another."""

from __future__ import annotations

from typing import Any

from sandbox_tests.plain import http

from tests.lab import Lab

SERVERS = ("forge", "argocd", "slack")


def fault(lab: Lab, server: str, kind: str, **where: Any) -> None:
    """Armed until it struck `times`, or somebody heals the server."""
    wanted = {"fault": kind} | where
    http.post(f"{lab.town.urls[server]}/sandbox/faults", json=wanted).raise_for_status()


def heal(lab: Lab, *servers: str) -> None:
    """These servers, or all of them."""
    for server in servers or SERVERS:
        http.delete(f"{lab.town.urls[server]}/sandbox/faults").raise_for_status()
