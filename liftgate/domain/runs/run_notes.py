"""The notes of a flow run about its promotion: each kind with its key, its type and its meaning.

A note is an input of the flow run in Prefect. The first one under a key stays; keys have letters, digits and dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import AwareDatetime

from liftgate.domain.approval.request import CHAINED_KEY, REQUEST_KEY, ChainedRequest, Request
from liftgate.domain.approval.vote import VOTE_KEY, Vote
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import State
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads, value_in
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.promotion.liveness import Holder
from liftgate.domain.rendered.rendered import Rendered

T = TypeVar("T")
V = TypeVar("V", bound=Value)
_PART: Final = re.compile(r"\{\w+\}")


class Check(Value):
    """The verdict of one named step of a promotion."""

    step: str
    state: State
    reason: str
    at: AwareDatetime
    inputs: str = ""
    """The digest of what it checked: the values, the step's settings, and what the repository decides about them."""


class Checks(Value):
    """Verdicts that were noted together: each note is a request to Prefect."""

    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Note(Generic[T]):
    """One kind of note."""

    pattern: str
    """Its key, with the parts in braces."""
    kind: type[T]
    writer: Literal["worker", "Liftgate server", "Prefect"]
    meaning: str
    form: ClassVar[str]
    """Its stored format, for people."""

    def key(self, *parts: str) -> str:
        """With fewer parts than the pattern: the common prefix of such keys."""
        between = _PART.split(self.pattern)[: len(parts) + 1]
        return "".join(chain.from_iterable(zip_longest(between, parts, fillvalue="")))


class Document(Note[V]):
    form = "JSON"

    def text(self, value: V) -> str:
        return value.model_dump_json()

    def read(self, text: str) -> V | None:
        """None for an invalid note: anyone who can write to Prefect may have written it."""
        return value_in(self.kind, text)


class Signed(Note[V]):
    """Written and read by `domain.approval`, with the signature of the writer."""

    form = "signed JSON"


class Line(Note[str]):
    form = "text"


class Time(Note[datetime]):
    form = "time (ISO 8601)"

    def text(self, value: datetime) -> str:
        return value.isoformat()

    def read(self, text: str) -> datetime | None:
        """None if it is not a time, or has no time zone."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found if found.tzinfo else None


class Form(Note[dict[str, Any]]):
    """An answer to Prefect's own form."""

    form = "JSON: `approved`, `reason`"

    def approves(self, text: str) -> bool | None:
        """None if it is not an answer."""
        try:
            answer = loads(text)
        except UnreadableJson:
            return None
        return bool(answer.get("approved")) if isinstance(answer, dict) else None


# fmt: off
REQUEST: Final = Signed(REQUEST_KEY, Request, "Liftgate server",
    "Who requested the run with exactly these parameters, as the server proved it. It exists before the run starts.")
CHAINED: Final = Signed(CHAINED_KEY, ChainedRequest, "worker",
    "Which run started this one with exactly these parameters, and who requested that. It exists before the start.")
PLAN: Final = Document("plan-{gate}", Plan, "worker",
    "The plan that people decide on at this gate. The server makes it again from Git before it shows it.")
VOTE: Final = Signed(VOTE_KEY, Vote, "Liftgate server",
    "One person's vote on the plan of this gate. The flow verifies the signature and counts the votes again.")
FORM: Final = Form("suspended-{gate}-{waking}-response", dict, "Prefect",
    "An answer to Prefect's own form. It proves no person, and counts only where the policy allows `unproven`.")
MESSAGE: Final = Document("message", Place, "worker",
    "The place of the promotion's message in the chat, so that it is updated and not sent twice.")
UNSENT: Final = Time("unsent-{gate}-{waking}", datetime, "worker",
    "When the chat did not take the message that this gate waits for people. The Liftgate server sends one later.")
SENDING: Final = Time("sending-{gate}-{waking}-{number}", datetime, "Liftgate server",
    "When a Liftgate server began to send that message. Of several servers only one gets the number.")
TOLD: Final = Line("told-{kind}-{step}", str, "worker",
    "A line in the message's thread, so that it is sent once. `kind` is `promote`, `update` or `rollback`.")
STOPPED: Final = Line("told-{state}", str, "Liftgate server",
    "The message about a run that was stopped, so that it is sent once. `state` is the run's state in Prefect.")
TELLING: Final = Time("telling-{state}-{number}", datetime, "Liftgate server",
    "When a Liftgate server began to send that message where there was none. Of several only one gets the number.")
RENDERED: Final = Document("rendered-{milliseconds}", Rendered, "worker",
    "What the plan changes in the cluster, as Argo CD rendered it. The newest one counts.")
VERDICT: Final = Document("verdict-{step}-{milliseconds}", Check, "worker",
    "The verdict of a named step, for the promotion's page. The newest one of each step counts.")
VERDICTS: Final = Document("verdicts-{step}-{milliseconds}", Checks, "worker",
    "The same of several steps that ended at about the same time; the key has the first of them.")
STOP: Final = Line("stop", str, "Liftgate server",
    "Why the run rolls back when it restarts: after its commit it was cancelled, or gave no verdict in time.")
REVERTS: Final = Line("reverts", str, "worker",
    "The promotion that a rollback of the newest one takes back: afterwards another one is the newest.")
RERUN: Final = Time("rerun-{number}", datetime, "Liftgate server",
    "When recovery claimed the restart of the run. Of several servers only one gets the number.")
REPLAN: Final = Time("replan-{gate}-{head}", datetime, "Liftgate server",
    "When recovery restarted the run because Git gives another plan at this commit.")
WORKER: Final = Document("worker-{milliseconds}-{start}", Holder, "worker",
    "Which worker has the run, written before its process starts; `start` ends its name. The newest one counts.")
NOTES: Final[tuple[Note[Any], ...]] = (
    REQUEST, CHAINED, PLAN, VOTE, FORM, MESSAGE, UNSENT, SENDING, TOLD, STOPPED, TELLING, RENDERED, VERDICT, VERDICTS,
    STOP, REVERTS, RERUN, REPLAN, WORKER,
)
# fmt: on


def milliseconds(when: datetime) -> str:
    """The part of a key that separates later notes of the same kind."""
    return str(int(when.timestamp() * 1000))


def newest(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The newest check of each step, in the order of the first checks."""
    return tuple({check.step: check for check in sorted(checks, key=lambda check: check.at)}.values())
