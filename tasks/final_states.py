"""How a run ends: always a state with one clear sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from liftgate.domain.common.verdict import Verdict, failed
from liftgate.domain.ledger.final_state import STATE
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.runs.parameters import storable
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import LONGEST_NAP
from liftgate.integrations.deployer import Deployed
from liftgate.services.best_effort import catch_up


def in_a_sentence(body: Callable[[], State[Any]]) -> State[Any]:
    """The body's state, or a failed state with the error's sentence instead of a traceback.

    What is told beside the run is told before: Prefect takes no artifact of a flow that has ended. A flow that is
    terminated has no time for that.
    """
    try:
        state = body()
    except LiftgateError as error:
        state = Failed(name=type(error).__name__, message=storable(masked_text(str(error))))
    except Exception:
        catch_up()
        raise
    catch_up()
    return state


def state_of(entry: Entry) -> State[Any]:
    make = Completed if entry.good else Failed
    return make(name=STATE[entry.outcome], message=storable(entry.sentence))


def verdict_of(state: State[Any]) -> Verdict:
    """The step's verdict; an error or no answer is a failed verdict."""
    result = state.result(raise_on_failure=False)
    return result if isinstance(result, Verdict) else failed(str(result or state.message or "gave no verdict"))


def deployed_of(state: State[Any]) -> Deployed:
    result = state.result(raise_on_failure=False)
    if isinstance(result, Deployed):
        return result
    return Deployed(state="failed", reason=str(result or state.message or "the sync gave no verdict"))


def unchanged(promotion: GatedChange) -> State[Any]:
    return Completed(name="NothingToDo", message=promotion.unchanged)


def states_of(futures: Iterable[PrefectFuture[Any]], within: float | None = None) -> list[State[Any]]:
    """Wait for the final state of each. After `within` seconds in total, the others have failed."""
    end = None if within is None else time.monotonic() + within
    return [_final(each, end) for each in futures]


def _final(future: PrefectFuture[Any], end: float | None) -> State[Any]:
    """The future knows its state once it was waited for; before, it would ask Prefect."""
    while end is not None and end - time.monotonic() > LONGEST_NAP:
        future.wait(LONGEST_NAP)
        if (state := future.state).is_final():
            return state
    future.wait(None if end is None else max(0.0, end - time.monotonic()))
    state = future.state
    return state if state.is_final() else Failed(message="it gave no verdict in time")
