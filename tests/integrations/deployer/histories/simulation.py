"""Virtual time: whoever waits, in the adapter or in the stand-in's server, moves the whole world on instead."""

from __future__ import annotations

import asyncio
import heapq
import selectors
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from liftgate_sandbox.argocd import ArgoCD

from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.integrations.deployer.argocd import ArgoCD as Adapter

LATENCY = 0.004
"""Seconds of one request on the way."""
_RECONNECT = 1.0


class Simulation:
    """The clock of everything. It is also the adapter's: `skew` is how far its wall clock is off."""

    def __init__(self, start: float) -> None:
        self.time, self.skew = start, 0.0
        self.argocd: ArgoCD | None = None
        self._due = start
        self._events: list[tuple[float, int, Callable[[], Any]]] = []
        self._numbers = count()

    def at(self, time: float, event: Callable[[], Any]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), event))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC) + timedelta(seconds=self.skew)

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while self._step(end):
            pass

    def _step(self, end: float) -> bool:
        """Everything due at this moment, then on to the next one; False at the end."""
        while self._events and self._events[0][0] <= self.time:
            heapq.heappop(self._events)[2]()
        if self.argocd and (self._due <= self.time or self.argocd.state.wake.is_set()):
            self.argocd.state.wake.clear()
            self._due = self.argocd.step()
            while self._due <= self.time:
                self._due = self.argocd.step()
        if self.time >= end:
            return False
        upcoming = [end, self._due, *(event[0] for event in self._events[:1])]
        self.time = max(self.time, min(one for one in upcoming if one > self.time or one == end))
        return True


class _Selector(selectors.DefaultSelector):
    """Waits by moving the world on; only for another thread (a server's pool) it waits really."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self._simulation = simulation
        self.task: asyncio.Task[Any] | None = None
        self.until = float("inf")

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        found = super().select(0)
        if not found:
            self._simulation.advance(max(timeout, 1e-4))
            if self._simulation.time >= self.until and self.task:
                self.task.cancel()
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.waits = _Selector(simulation)
        super().__init__(self.waits)
        self._clock_resolution = 1e-4  # of epoch seconds in a float; less would never pass

    def time(self) -> float:
        return self._simulation.time


class Transport(httpx.BaseTransport):
    """The stand-in's own ASGI server, asked in this process; a read timeout is one of virtual time."""

    def __init__(self, simulation: Simulation, argocd: ArgoCD) -> None:
        self._simulation, self._app = simulation, argocd.asgi()
        self._loop = _Loop(simulation)
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        self._simulation.advance(LATENCY)
        selector = self._loop.waits
        task: asyncio.Task[httpx.Response] = self._loop.create_task(self._answer(request))
        selector.task = task
        selector.until = self._simulation.time + request.extensions["timeout"]["read"]
        try:
            return self._loop.run_until_complete(task)
        except asyncio.CancelledError:
            raise httpx.ReadTimeout("timed out", request=request) from None

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        inner = httpx.ASGITransport(self._app)
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        response = await inner.handle_async_request(asked)
        content = await response.aread()
        if len(content) < int(response.headers.get("content-length", 0)):
            raise httpx.RemoteProtocolError("peer closed connection", request=request)
        return httpx.Response(response.status_code, headers=response.headers, content=content)

    def close(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


class VirtualWatch:
    """What the adapter's stream delivers, without its thread: a cut loses what happens until it is connected again."""

    def __init__(self, simulation: Simulation, argocd: ArgoCD, application: str) -> None:
        self._simulation, self._argocd, self._application = simulation, argocd, application
        self._events: deque[tuple[str, Any]] = deque()
        self._away_until = simulation.time

    def next(self, timeout: float) -> Snapshot | None:
        end = self._simulation.time + timeout
        while True:
            if found := self._newest():
                return found
            if self._simulation.time >= end:
                return None
            self._simulation.advance(min(0.02, end - self._simulation.time))

    def close(self) -> None:
        self._argocd.state.forget(self._events)

    def _newest(self) -> Snapshot | None:
        if self._simulation.time < self._away_until:
            return None
        self._connect()
        mine = [(kind, app) for kind, app in self._events if app["metadata"]["name"] == self._application]
        found = [app for kind, app in mine if kind != "DELETED"]
        self._events.clear()
        if found and self._argocd.faults.take("stream-cut"):
            self._argocd.state.forget(self._events)
            self._away_until = self._simulation.time + _RECONNECT
        return read_snapshot(found[-1]) if found else None

    def _connect(self) -> None:
        if not any(one is self._events for one in self._argocd.state.watchers):
            app = self._argocd.state.applications.get(self._application)
            if app:
                self._events.append(("ADDED", app))
            self._argocd.state.watchers.append(self._events)


class VirtualAdapter(Adapter):
    """The adapter itself over the transport; only its stream, which needs a thread, is another one."""

    def __init__(self, simulation: Simulation, argocd: ArgoCD, token: str, project: str) -> None:
        self._simulation, self._argocd = simulation, argocd
        self.transport = Transport(simulation, argocd)
        super().__init__("http://argocd.test", token, project, transport=self.transport)

    def watch(self, application: str) -> VirtualWatch:  # type: ignore[override]  # the same protocol, another class
        return VirtualWatch(self._simulation, self._argocd, application)
