"""A test job behind HTTP: started by a POST, asked for its state until it is over or the deadline has passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, passed
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.domain.secrets.masking import readable
from liftgate.integrations.probe import Answer
from liftgate.steps.context import Context
from liftgate.steps.reading import filled

_EVERY = 1.0
_ERRORS = 5
"""Answers in a row without a state before the job counts as lost."""
_GOOD: Final = frozenset({"passed", "success", "successful", "succeeded"})
_BAD: Final = frozenset({"failed", "failure", "error", "errored", "cancelled", "canceled", "aborted", "timeout"})


class Job(Value):
    """Texts may hold `{environment}` and the like; `status` also `{id}`, the `id` of the start's answer."""

    start: str = Field(min_length=1)
    status: str = Field(min_length=1)


def follow(job: Job, about: Mapping[str, str], deadline: float, context: Context) -> Verdict:
    """What the job says in the end; no word within the deadline is a failed verdict."""
    clock = context.capabilities.clock
    end, start = clock.monotonic() + deadline, filled(job.start, context)
    begun = context.capabilities.post(start, about, min(30.0, deadline))
    if not 200 <= begun.status < 300:
        return _bad(start, f"the job did not start: {begun.reason or f'status {begun.status}'}")
    status = filled(job.status, context).replace("{id}", str(_read(begun).get("id", "")))
    lost = 0
    while clock.monotonic() < end:
        answer = context.capabilities.get(status, 10.0)
        said = _read(answer)
        state = str(said.get("state") or said.get("status") or "").lower() if answer.status == 200 else ""
        if state in _GOOD:
            return passed(f"the job passed{_told(said)}")
        if state in _BAD:
            return _bad(status, f"the job {state}{_told(said)}")
        lost = 0 if state else lost + 1
        if lost >= _ERRORS:
            return _bad(status, f"the job tells no state: {answer.reason or f'status {answer.status}'}")
        clock.sleep(_EVERY)
    return _bad(status, f"gave no verdict within {deadline:g} s")


def _read(answer: Answer) -> dict[str, Any]:
    try:
        body = loads(answer.body)
    except UnreadableJson:
        return {}
    return body if isinstance(body, dict) else {}


def _told(said: Mapping[str, Any]) -> str:
    text = readable(str(said.get("message") or said.get("reason") or ""))
    return f": {text}" if text else ""


def _bad(place: str, message: str) -> Verdict:
    return failed(
        f"integration test: {message}", Finding(place=readable(place), rule="integration-test", message=message)
    )
