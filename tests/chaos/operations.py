"""What people do: with the pages and the API of the Liftgate server, with Prefect's, and with git.

An operation that is refused, or gets no answer, is not repeated: its effect may have happened, and people try later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from liftgate.errors import LiftgateError
from tests.chaos.plan import Operation
from tests.chaos.system import System
from tests.examples import text, values

APPLICATION: Final = "example-app"
TTL: Final = "/application/environment/configs/cache/ttl"
BY_HAND: Final = "by-hand"
"""What people push by hand goes to a value of this name, which no update touches."""


def carry_out(system: System, operation: Operation) -> str:
    """`done`, or why it was not."""
    try:
        return OPERATIONS[operation.kind](system, operation) or "done"
    except (httpx.HTTPError, LiftgateError) as error:
        return f"{type(error).__name__}: {error}"


def _release(system: System, operation: Operation) -> None:
    """The number counts up, so that no release is a downgrade."""
    version = f"1.4.{operation.number + 2}"
    system.lab.commit({"configs/base/values.json": text(values("base", version))}, f"release {version}\n")


def _promote(system: System, operation: Operation) -> str:
    return _start(system, "rosa", "promote", to="dev")


def _update(system: System, operation: Operation) -> str:
    return _start(system, "ada", "update", environment=operation.environment, changes={TTL: operation.number})


def _roll_back(system: System, operation: Operation) -> str:
    return _start(system, "ada", "rollback", environment=operation.environment)


def _start(system: System, person: str, flow: str, **parameters: Any) -> str:
    asked = {"flow": flow, "parameters": {"application": APPLICATION, **parameters}}
    return _said(system.people[person].post("/api/v1/promotions", json=asked))


def _go_back(system: System, operation: Operation) -> str:
    """To the values of the newest promotion but one that went well there."""
    good = [each.promotion for each in system.lab.entries(operation.environment) if each.good]
    if len(good) < 2:
        return "nothing to go back to"
    page = f"/api/v1/promotions/{good[-2]}/rollback"
    seen = system.people["ada"].get(page)
    if seen.status_code != 200:
        return _said(seen)
    return _said(system.people["ada"].post(page, json={"seen": seen.json()["seen"], "reason": "chaos"}))


def _decide(decision: str) -> Callable[[System, Operation], str]:
    def decide(system: System, operation: Operation) -> str:
        said = [_vote(system, run, decision) for run in suspended(system)]
        return "; ".join(said) or "nothing waits"

    return decide


def _vote(system: System, run: str, decision: str) -> str:
    page = f"/api/v1/promotions/{run}"
    shown = system.people["grace"].get(page)
    approval = shown.json().get("approval") if shown.status_code == 200 else None
    if not approval:
        return _said(shown) if shown.status_code != 200 else "it waits for no decision"
    ballot = {"plan": approval["plan"], "shown": approval["shown"], "decision": decision}
    return _said(system.people["grace"].post(f"{page}/decision", json=ballot))


def suspended(system: System) -> list[str]:
    """The runs that wait for people."""
    wanted = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}, "limit": 200}
    return [run["id"] for run in system.call("POST", "/flow_runs/filter", wanted)]


def _pause(system: System, operation: Operation) -> str:
    return _press(system, what="pause", environment=operation.environment, reason="chaos")


def _resume(system: System, operation: Operation) -> str:
    return "; ".join(_press(system, what="resume", environment=name) for name in ("dev", "staging", "prod"))


def _press(system: System, **fields: str) -> str:
    return _said(system.people["ada"].post("/pause", data=fields))


def _by_hand(system: System, operation: Operation) -> None:
    there = system.lab.json(operation.environment)
    there["application"]["environment"]["configs"][BY_HAND] = operation.number
    system.lab.commit({f"configs/{operation.environment}/values.json": text(there)}, "by hand\n")


def _cancel(system: System, operation: Operation) -> str:
    """In Prefect's pages: the newest run that goes on."""
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}, "parent_task_run_id": {"is_null_": True}}}
    running = system.call("POST", "/flow_runs/filter", wanted | {"sort": "START_TIME_DESC", "limit": 1})
    for run in running:
        system.call("POST", f"/flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING"}})
    return "" if running else "nothing runs"


def _said(answer: httpx.Response) -> str:
    return "done" if answer.status_code in (200, 201, 303) else f"{answer.status_code} {answer.text[:200]}"


OPERATIONS: Final[Mapping[str, Callable[[System, Operation], str | None]]] = {
    "release": _release,
    "promote": _promote,
    "update": _update,
    "approve": _decide("approve"),
    "reject": _decide("reject"),
    "roll back": _roll_back,
    "go back": _go_back,
    "pause": _pause,
    "resume": _resume,
    "change by hand": _by_hand,
    "cancel": _cancel,
}
