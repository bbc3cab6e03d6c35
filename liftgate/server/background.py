"""The background threads of a server process: the first board, recovery and its restarts, drift, pull requests, Slack,
and the refresh and upkeep of the mirror."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event, Thread

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from liftgate.errors import LiftgateError
from liftgate.server import slack
from liftgate.server.state import ServerState
from liftgate.services.recovery import Recovery
from liftgate.services.upkeep import Upkeep

log = logging.getLogger(__name__)
PAUSE = 3.0
AT_THE_END = 10.0
"""Seconds in which all threads together may end what they do; the process ends with those that hang."""


@asynccontextmanager
async def life(app: Starlette) -> AsyncIterator[None]:
    """Run all threads while the app is up."""
    state: ServerState = app.state.state
    stop, recovery = Event(), Recovery(state.at)
    threads = [
        Thread(target=make_first_board, args=(state,), name="first board", daemon=True),
        Thread(target=recovery.run, args=(stop,), name="recovery", daemon=True),
        Thread(target=recovery.restarts.run, args=(stop,), name="restarts", daemon=True),
        Thread(target=recovery.restarts.liveness.run, args=(stop,), name="liveness", daemon=True),
        Thread(target=state.watch.run, args=(stop,), name="drift", daemon=True),
        Thread(target=state.pulls.run, args=(stop,), name="pulls", daemon=True),
        Thread(target=slack.socket(state).run, args=(stop,), name="slack", daemon=True),
        Thread(target=refresh, args=(state, stop, recovery), name="refresh", daemon=True),
        Thread(target=Upkeep(state.at).run, args=(stop,), name="upkeep", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        until = state.at.clock.monotonic() + AT_THE_END
        for thread in threads:
            await run_in_threadpool(thread.join, max(0.0, until - state.at.clock.monotonic()))
        await state.close()


def make_first_board(state: ServerState) -> None:
    """It reads the values of all applications, later ones only what changed: no person waits for it."""
    try:
        state.board.get()
    except LiftgateError as error:
        log.warning("there is no board yet: %s", error)
    except Exception:
        log.exception("there is no board yet; the first page tries again")


def refresh(state: ServerState, stop: Event, recovery: Recovery) -> None:
    """Fetch soon after a page was read or a webhook came, at most every three seconds: no request waits for the remote.
    What people pushed or merged is taken over then, and Prefect's forms offer a new application."""
    while not stop.wait(PAUSE):
        if not state.looked.is_set():
            continue
        state.looked.clear()
        try:
            state.git.fetch()
        except LiftgateError as error:
            log.warning("the mirror could not be fetched: %s", error)
            continue
        try:
            recovery.take_overs.look()
            recovery.choices.look()
        except Exception:
            log.exception("what was fetched could not be followed; the next round of recovery tries again")
