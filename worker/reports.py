"""Tells Prefect a run's state: again when Prefect did not answer, and only while that state is still the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.utilities.engine import propose_state

GAPS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each repetition. If none helps, the thread of dead_runs.py reports the end later."""
_T = TypeVar("_T")


class Report(NamedTuple):
    run: UUID
    state: State[Any]
    """Its type and message say what no other worker, and no other start of the run, would say."""
    is_right: Callable[[FlowRun], bool]
    """Whether the run, as Prefect has it now, may get the state."""


async def repeated(call: Callable[[], Awaitable[_T]], gaps: Sequence[float] = GAPS) -> _T:
    """Of a call that may be repeated; raises its last error, and at once what Prefect refuses or does not have."""
    for gap in gaps:
        try:
            return await call()
        except (Abort, Pause, ObjectNotFound):
            raise
        except Exception:  # noqa: BLE001 - Prefect's client and the network have many
            await asyncio.sleep(gap)
    return await call()


async def tell(client: PrefectClient, report: Report, gaps: Sequence[float] = GAPS) -> State[Any] | None:
    """The state as Prefect accepted it; None if it is not the right one any more. Raises as `repeated` does.

    An answer can be lost, also within Prefect's client, which then asks again and is refused: so what Prefect says of
    the run decides.
    """
    is_new = not report.state.is_final()

    async def attempt() -> State[Any] | None:
        nonlocal is_new
        if not is_new:
            now = await client.read_flow_run(report.run)
            if _is_told(now, report.state):
                return now.state
            if not report.is_right(now):
                return None
        is_new = False
        try:
            stored = await propose_state(client, report.state, report.run)
        except (Abort, Pause):
            now = await client.read_flow_run(report.run)
            if _is_told(now, report.state):
                return now.state
            raise
        return stored if stored.type == report.state.type else None

    return await repeated(attempt, gaps)


def _is_told(run: FlowRun, wanted: State[Any]) -> bool:
    return run.state is not None and (run.state.type, run.state.message) == (wanted.type, wanted.message)
