"""How a run ends: a state with one clear sentence, whatever happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from liftgate.domain import announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.parameters import storable
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer import Deployed

NAMES = {
    "promoted": "Promoted",
    "verified": "Verified",
    "rolled back": "RolledBack",
    "rollback failed": "RollbackFailed",
    "failed": "Failed",
    "refused": "Refused",
    "expired": "Expired",
    "superseded": "Superseded",
}


def in_a_sentence(body: Callable[[], State[Any]]) -> State[Any]:
    """The body's state, or a failed one whose message is the error's sentence: no traceback for people."""
    try:
        return body()
    except LiftgateError as error:
        return Failed(name=type(error).__name__, message=storable(str(error)))


def state_of(entry: Entry) -> State[Any]:
    make = Completed if entry.good else Failed
    return make(name=NAMES[entry.outcome], message=storable(announcement.sentence(entry)))


def verdict_of(state: State[Any]) -> Verdict:
    """What a step said; no word, or an error, is a failed verdict."""
    result = state.result(raise_on_failure=False)
    return result if isinstance(result, Verdict) else failed(str(result or state.message or "gave no verdict"))


def deployed_of(state: State[Any]) -> Deployed:
    result = state.result(raise_on_failure=False)
    if isinstance(result, Deployed):
        return result
    return Deployed(state="failed", reason=str(result or state.message or "the sync gave no verdict"))


def unchanged(promotion: Promotion) -> State[Any]:
    """The environment holds the release already, verified: done, and nothing to record."""
    version = promotion.version or promotion.previous or "it"
    return Completed(name="NothingToDo", message=f"nothing to do: {version} is in {promotion.environment}, verified")


def states_of(futures: Iterable[PrefectFuture[Any]], within: float | None = None) -> list[State[Any]]:
    """The final state of each, waited for; after so many seconds together, failed without a verdict."""
    end = None if within is None else time.monotonic() + within
    return [_final(each, end) for each in futures]


def _final(future: PrefectFuture[Any], end: float | None) -> State[Any]:
    future.wait(None if end is None else max(0.0, end - time.monotonic()))
    state = future.state
    return state if state.is_final() else Failed(message="it gave no verdict in time")
