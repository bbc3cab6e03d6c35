"""Work that only informs people: it runs beside a run, is tried a few times, and never fails or delays the run."""

from __future__ import annotations

import contextvars
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Literal

from liftgate.errors import LiftgateError

Lane = Literal["prefect", "chat", "git"]
"""The server it talks to: the work of one lane is done one after the other."""
TRIES: Final = 3
"""The most tries."""
_PAUSES: Final = (0.5, 2.0)
_LATER: Final = 1.0
"""Seconds it waits, so that it does not slow down the steps before the commit."""
_now = threading.Event()
"""Set while the run waits for all of it."""
_under_way: Final[list[Future[None]]] = []
_LANES: Final[dict[Lane, ThreadPoolExecutor]] = defaultdict(partial(ThreadPoolExecutor, max_workers=1))


def for_people(left_out: str, act: Callable[[], object], *, tries: int = 1) -> Exception | None:
    """Any error becomes one line in the log, which starts with `left_out`; returns that of the last try."""
    for pause in (*_PAUSES[: tries - 1], None):
        try:
            act()
        except Exception as error:  # noqa: BLE001  Prefect, a chat or a forge may fail in any way
            if pause is None:
                print(f"{left_out}: {error if isinstance(error, LiftgateError) else type(error).__name__}")
                return error
            time.sleep(pause)
        else:
            break
    return None


def beside(left_out: str, act: Callable[[], object], *, lane: Lane = "prefect", tries: int = 1) -> None:
    """The same while the run continues. `catch_up` waits for it. So does the end of the process, too late for Prefect:
    it takes nothing of a flow that has ended."""
    here = contextvars.copy_context()  # it tells Prefect to which run an artifact or a log line belongs
    due = time.monotonic() + _LATER

    def later() -> None:
        _now.wait(max(0.0, due - time.monotonic()))
        here.run(for_people, left_out, act, tries=tries)

    _under_way.append(_LANES[lane].submit(later))


def catch_up() -> None:
    """Wait for the work beside the run, before the run is suspended or ends and people look at it."""
    _now.set()
    while _under_way:
        _under_way.pop().result()
    _now.clear()
