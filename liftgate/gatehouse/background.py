"""What one gatehouse process does besides answering: sweep, look for drift, listen to Slack, keep the mirror fresh."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event, Thread

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from liftgate.errors import LiftgateError
from liftgate.gatehouse import slack
from liftgate.gatehouse.house import House
from liftgate.services.recovery import Sweep

log = logging.getLogger(__name__)
PAUSE = 3.0


@asynccontextmanager
async def life(app: Starlette) -> AsyncIterator[None]:
    """All threads as long as the application is up."""
    house: House = app.state.house
    stop = Event()
    threads = [
        Thread(target=Sweep(house.at).run, args=(stop,), name="sweep", daemon=True),
        Thread(target=house.watch.run, args=(stop,), name="drift", daemon=True),
        Thread(target=slack.socket(house).run, args=(stop,), name="slack", daemon=True),
        Thread(target=refresh, args=(house, stop), name="refresh", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            await run_in_threadpool(thread.join, 10.0)


def refresh(house: House, stop: Event) -> None:
    """Fetch a little after somebody looked, at most every three seconds: no request waits for the remote."""
    while not stop.wait(PAUSE):
        if not house.looked.is_set():
            continue
        house.looked.clear()
        try:
            house.git.fetch()
        except LiftgateError as error:
            log.warning("the mirror is not fresh: %s", error)
