"""What a flow run notes of its promotion: each kind of note with its key, its type and its meaning.

A note is an input of the flow run in Prefect. The first one under a key stays; keys hold letters, digits and dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import AwareDatetime

from liftgate.domain.announcement import Place
from liftgate.domain.bounded_json import UnreadableJson, loads, value_in
from liftgate.domain.plan_value import Plan
from liftgate.domain.rendered import Rendered
from liftgate.domain.value import Value
from liftgate.domain.verdict import State
from liftgate.domain.vote import REQUEST_KEY, VOTE_KEY, Request, Vote

T = TypeVar("T")
V = TypeVar("V", bound=Value)
_PART: Final = re.compile(r"\{\w+\}")


class Check(Value):
    """What one named step of a promotion said."""

    step: str
    state: State
    reason: str
    at: AwareDatetime


@dataclass(frozen=True)
class Note(Generic[T]):
    """One kind of note."""

    pattern: str
    """Its key, with the parts in braces."""
    kind: type[T]
    writer: Literal["worker", "Liftgate server", "Prefect"]
    meaning: str
    form: ClassVar[str]
    """How it is stored, for people."""

    def key(self, *parts: str) -> str:
        """With fewer parts than the pattern has: what all such keys begin with."""
        between = _PART.split(self.pattern)[: len(parts) + 1]
        return "".join(chain.from_iterable(zip_longest(between, parts, fillvalue="")))


class Document(Note[V]):
    form = "JSON"

    def text(self, value: V) -> str:
        return value.model_dump_json()

    def read(self, text: str) -> V | None:
        """None for what is none: anyone who can write to Prefect may have put it there."""
        return value_in(self.kind, text)


class Signed(Note[V]):
    """Written and read by `domain.vote`, with the signature of the Liftgate server."""

    form = "signed JSON"


class Line(Note[str]):
    form = "text"


class Time(Note[datetime]):
    form = "time (ISO 8601)"

    def text(self, value: datetime) -> str:
        return value.isoformat()

    def read(self, text: str) -> datetime | None:
        """None for what is no time, or one of no time zone."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found if found.tzinfo else None


class Form(Note[dict[str, Any]]):
    """An answer to Prefect's own form."""

    form = "JSON: `approved`, `reason`"

    def approves(self, text: str) -> bool | None:
        """None for what is no answer."""
        try:
            answer = loads(text)
        except UnreadableJson:
            return None
        return bool(answer.get("approved")) if isinstance(answer, dict) else None


# fmt: off
REQUEST: Final = Signed(REQUEST_KEY, Request, "Liftgate server",
    "Who requested the run, as the server proved it. It is there before the run begins.")
PLAN: Final = Document("plan-{gate}", Plan, "worker",
    "The plan that people are asked about at this gate. It is made from Git again before it is shown.")
VOTE: Final = Signed(VOTE_KEY, Vote, "Liftgate server",
    "One person's vote on the plan of this gate. The flow verifies the signature and counts the votes again.")
FORM: Final = Form("suspended-{gate}-{waking}-response", dict, "Prefect",
    "An answer to Prefect's own form. It proves no person, and counts only where the policy allows `unproven`.")
MESSAGE: Final = Document("message", Place, "worker",
    "Where the promotion's message is in the chat, so that it is updated and not sent twice.")
TOLD: Final = Line("told-{kind}-{step}", str, "worker",
    "A line in the message's thread, so that it is sent once. `kind` is `promote`, `update` or `rollback`.")
STOPPED: Final = Line("told-{state}", str, "Liftgate server",
    "What the message says of a run that was stopped, so that it is said once. `state` is the run's in Prefect.")
RENDERED: Final = Document("rendered-{milliseconds}", Rendered, "worker",
    "What the plan changes in the cluster, as Argo CD rendered it. The newest one counts.")
VERDICT: Final = Document("verdict-{step}-{milliseconds}", Check, "worker",
    "The verdict of a named step, for the promotion's page. The newest one of each step counts.")
STOP: Final = Line("stop", str, "Liftgate server",
    "Why the run rolls back when it begins again: after its commit it was cancelled, or gave no verdict in time.")
RERUN: Final = Time("rerun-{number}", datetime, "Liftgate server",
    "When recovery claimed to let the run begin again. Of several servers only one gets the number.")
REPLAN: Final = Time("replan-{gate}-{head}", datetime, "Liftgate server",
    "When recovery let the run begin again because Git gives another plan at this commit.")
NOTES: Final[tuple[Note[Any], ...]] = (
    REQUEST, PLAN, VOTE, FORM, MESSAGE, TOLD, STOPPED, RENDERED, VERDICT, STOP, RERUN, REPLAN,
)
# fmt: on


def milliseconds(when: datetime) -> str:
    """The part of a key that makes a later note of the same kind another one."""
    return str(int(when.timestamp() * 1000))


def newest(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The newest check of each step, in the order of their first ones."""
    return tuple({check.step: check for check in sorted(checks, key=lambda check: check.at)}.values())
