"""What every run asks for first; the worker lets it begin while Prefect's engine still starts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

from liftgate.integrations.runs.run import Run
from liftgate.wiring import Integrations, integrations

_begun: Final[dict[str, Ahead]] = {}


class Ahead(NamedTuple):
    """`head` is the newest commit, fetched after the run's process began; both raise as their calls do."""

    head: Future[str]
    run: Future[Run | None]


def look(run: str) -> None:
    """Begin to ask; the answers wait for `taken`."""
    _begun[run] = _asked(run)


def taken(run: str) -> Ahead:
    """What was begun for this run, once; asked anew when there is nothing, as for every later try."""
    return _begun.pop(run, None) or _asked(run)


def _asked(run: str) -> Ahead:
    pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ahead")
    at = pool.submit(integrations)
    head, found = pool.submit(_head, at), pool.submit(_read, at, run)
    pool.shutdown(wait=False)
    return Ahead(head, found)


def _head(at: Future[Integrations]) -> str:
    return at.result().git.fetch()


def _read(at: Future[Integrations], run: str) -> Run | None:
    return at.result().runs.read(run)
