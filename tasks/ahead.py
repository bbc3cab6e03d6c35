"""The first requests of every run. The worker starts them early, while Prefect's engine still starts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.wiring import Integrations, integrations
from tasks.ours import begins

_begun: Final[dict[str, Ahead]] = {}


class Ahead(NamedTuple):
    """`head` is the newest commit, fetched after the run's process started. Both raise the errors of their calls."""

    head: Future[str]
    run: Future[Run | None]


def look(run: str) -> None:
    """Start the requests; `taken` returns their answers."""
    _begun[run] = _asked(run)


def taken(run: str) -> Ahead:
    """The answers that `look` requested for this run. A second call, or one without `look`, sends new requests."""
    return _begun.pop(run, None) or _asked(run)


def _asked(run: str) -> Ahead:
    pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ahead")
    at = _integrations()
    head, found = pool.submit(_head, at), pool.submit(_read, at, run)
    pool.shutdown(wait=False)
    begins(run, found)
    return Ahead(head, found)


def _integrations() -> Future[Integrations]:
    """In this thread: Prefect's engine removes variables from the environment while another thread would read it."""
    found: Future[Integrations] = Future()
    try:
        found.set_result(integrations())
    except LiftgateError as error:
        found.set_exception(error)
    return found


def _head(at: Future[Integrations]) -> str:
    return at.result().git.fetch()


def _read(at: Future[Integrations], run: str) -> Run | None:
    return at.result().runs.read(run)
