"""The doctor's check of the clocks: this machine's beside those of the servers that Liftgate works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

from liftgate.cli import connection
from liftgate.domain.common.span import human
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.common.words import in_words
from liftgate.errors import LiftgateError
from liftgate.integrations import server_clock
from liftgate.settings import Settings
from liftgate.wiring import Integrations

MOST: Final = 30.0
"""Seconds by which clocks may differ: half of what the strictest of these servers allows a clock that is ahead."""


class _Server(NamedTuple):
    name: str
    url: str
    verify: bool = True


def check_clocks() -> Verdict:
    """Failed if a clock differs so much that Liftgate decides too early or too late, or is refused somewhere."""
    at = Integrations(connection.settings())
    found: dict[str, float] = {}
    for server in _servers(at.settings):
        with suppress(LiftgateError):  # another check says that it does not answer
            ahead = server_clock.ask(server.name, server.url, at.clock, verify=server.verify)
            found |= {} if ahead is None else {server.name: ahead}
    if wrong := [_difference(name, ahead) for name, ahead in found.items() if abs(ahead) > MOST]:
        return failed(f"this machine's clock is {in_words(wrong)}; synchronize the clocks of all machines (NTP)")
    if not found:
        return not_configured("no server answered with its time")
    return passed(f"this machine's clock differs by less than {MOST:.0f} s from {in_words(list(found))}")


def _difference(name: str, ahead: float) -> str:
    return f"{human(timedelta(seconds=round(abs(ahead))))} {'behind' if ahead > 0 else 'ahead of'} {name}"


def _servers(settings: Settings) -> Iterator[_Server]:
    """Those of the settings that answer over HTTP."""
    with suppress(LiftgateError):
        yield _Server("Prefect", connection.api_url())
    if settings.argocd.url:
        yield _Server("Argo CD", settings.argocd.url, verify=not settings.argocd.insecure)
    repository = settings.repository.url
    if repository.startswith(("https://", "http://")):
        yield _Server("the forge", repository)
    if settings.server.oidc.issuer:
        yield _Server("the sign-in provider", settings.server.oidc.issuer)
    if settings.slack.bot_token.get_secret_value():
        yield _Server("Slack", settings.slack.url)
