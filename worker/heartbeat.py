"""Heartbeats that end with the flow.

Prefect's own heartbeat thread sleeps for whole seconds, and the end of every flow, subflow and suspension waits for it.
Here the events and their interval are the same, but the end does not wait.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SHORTEST = 30
"""Seconds; Prefect's own minimum."""
LAST_ONE_WITHIN = 2.0


@contextmanager
def prompt_heartbeats(engine: Any, join_on_exit: bool = True) -> Iterator[None]:
    """Replaces `prefect.flow_engine._send_heartbeats`."""
    if engine.heartbeat_seconds is None:
        yield
        return
    over = threading.Event()
    # a new thread does not inherit this thread's context, where Prefect keeps its settings
    beating = contextvars.copy_context()
    thread = threading.Thread(target=beating.run, args=(_beat, engine, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        if join_on_exit:
            thread.join(LAST_ONE_WITHIN)


def _beat(engine: Any, over: threading.Event) -> None:
    about = engine._build_heartbeat_event_template()  # noqa: SLF001 - Prefect defines the event's shape
    while not (over.is_set() or _is_final(engine)):
        try:
            engine._emit_flow_run_heartbeat(*about)  # noqa: SLF001 - as above
        except Exception:
            engine.logger.debug("no heartbeat was sent", exc_info=True)
        over.wait(max(engine.heartbeat_seconds, SHORTEST))


def _is_final(engine: Any) -> bool:
    run = engine.flow_run
    return bool(run and run.state and run.state.is_final())
