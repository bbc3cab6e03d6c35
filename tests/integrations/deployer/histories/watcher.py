"""The server's watch for drift over a history: what it would write down, with the promotion's own time known to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from liftgate_sandbox.argocd.api import applications, details
from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.api.errors import ApiError
from starlette.requests import Request

from liftgate.domain.drift.drift import Finding
from liftgate.domain.drift.record import Ending, Place, Record, Span, drift_end, joined, news
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.services.drift_sight import Sight
from tests.integrations.deployer.histories.world import NAME, World

PLACE = Place(application="app", environment="prod")
EVERY = 15.0
"""Seconds between two looks, as the settings have it; sooner where a suspect is ripe."""
_ENDPOINTS = {
    "": applications.list_all,
    "managed-resources": details.managed_resources,
    "manifests": details.manifests,
}


class Watcher:
    """Looks again and again from now on; every look happens at one moment."""

    def __init__(self, world: World) -> None:
        self._world, self._clock = world, world.simulation
        transport = httpx.MockTransport(self._answer)
        self._sight = Sight(ArgoCDList("http://argocd.test", "token", "promo", transport=transport))
        self._records: list[Record] = []
        self._endings: list[Ending] = []
        self.here: list[Finding] = []
        """What the last look found, where it is drift."""
        self.spans: list[Span] = []
        """Of the promotion."""
        self.look()

    @property
    def records(self) -> list[Record]:
        return joined(self._records, self._endings)

    def begin(self) -> None:
        """The promotion has its commit."""
        self.spans = [Span(self._clock.now(), None)]

    def end(self) -> None:
        """It has its outcome."""
        self.spans = [Span(self.spans[0].since, self._clock.now())]

    def look(self) -> None:
        now, places = self._clock.now(), {PLACE: (NAME,)}
        seen = self._sight.look(places, self._sight.all(places), now)
        self.here = [saw.finding for saw in seen if saw.finding.is_drift]
        for saw in seen:
            self._endings += drift_end(saw.finding, self.records, now)
            if record := news(saw, self.records, self.spans):
                self._records.append(record)
        self._clock.at(self._clock.time + self._pause(now), self.look)

    def _pause(self, now: datetime) -> float:
        return min([EVERY, *(max(1.0, left) for left in self._sight.ripe_in(now) if left > 0)])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        """Straight from the server's endpoint: no time passes."""
        token = f"Bearer {self._world.argocd.admin_token()}".encode()
        name, what = _parts(request)
        scope: dict[str, Any] = {"type": "http", "path_params": {"name": name}, "query_string": request.url.query}
        call = Call(Request(scope | {"headers": [(b"authorization", token)]}), self._world.argocd.controller)
        call.authenticate()
        try:
            answer: Any = _ENDPOINTS[what](call)
        except ApiError as error:
            return httpx.Response(error.status, json={"error": str(error), "code": error.code, "message": str(error)})
        return httpx.Response(200, json=answer)


def _parts(request: httpx.Request) -> tuple[str, str]:
    """The Application, and what of it; both empty for the list."""
    name, _, what = request.url.path.removeprefix("/api/v1/applications").strip("/").partition("/")
    return name, what
