"""Reads and writes the notes of one run: only this module knows which input of a run holds what."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Final, cast

from liftgate.domain.approval import vote
from liftgate.domain.approval.request import ChainedRequest, Request, Started, proven_request
from liftgate.domain.approval.vote import Vote, gate_name
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.promotion.liveness import Holder
from liftgate.domain.rendered.rendered import Rendered
from liftgate.domain.runs import run_notes as kinds
from liftgate.domain.runs.run_notes import Check, Checks, Document, Note, Time, V, milliseconds
from liftgate.domain.runs.shown import Shown, shown_to_people
from liftgate.integrations.runs import Runs

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
SENDING: Final = timedelta(seconds=60)
"""How long a server may take to send a message; then any server may send it again."""
_PLACES: Final = 1000
"""Runs whose message's place a process remembers."""


@dataclass(frozen=True)
class NotedPlans:
    """What is noted for the gates of one run, by key; None where it is no plan."""

    _by_key: Mapping[str, Plan | None]

    def contradict(self, plan: Plan) -> bool:
        """Whether something else than this plan is noted for its gate."""
        noted = self._by_key.get(kinds.PLAN.key(gate_name(plan.hash)), plan)
        return noted is None or noted.hash != plan.hash

    @property
    def with_a_release(self) -> tuple[Plan, ...]:
        """The plans of promotions."""
        return tuple(plan for _, plan in sorted(self._by_key.items()) if plan and plan.release_id)


class Notes:
    """Skips what cannot be read: anyone who can write to Prefect may have put it there. Raises Unavailable."""

    def __init__(self, runs: Runs, run: str) -> None:
        self._runs, self._run = runs, run

    def all(self) -> dict[str, str]:
        """As they are stored, by key; the value changes with every new note."""
        return self._runs.inputs(self._run)

    def keep_plan(self, plan: Plan) -> None:
        self._add(kinds.PLAN.key(gate_name(plan.hash)), kinds.PLAN.text(plan))

    def plans(self) -> tuple[Plan, ...]:
        """The plans of every gate the run came to."""
        return tuple(self._documents(kinds.PLAN))

    def noted_plans(self) -> NotedPlans:
        """The same, to be compared with the plan that Git gives."""
        return NotedPlans({key: kinds.PLAN.read(text) for key, text in self._all(kinds.PLAN).items()})

    def keep_vote(self, cast: Vote, stored: str) -> bool:
        """False when that person's vote on this gate is noted already."""
        return self._add(cast.key, stored)

    def votes(self, plan: str, signers: tuple[Signer, ...]) -> tuple[Vote, ...]:
        """The proven votes on exactly this plan, given by its whole digest."""
        inputs = self._all(kinds.VOTE, gate_name(plan))
        return vote.proven_votes(inputs, run=self._run, plan=plan, signers=signers)

    def all_votes(self, signers: tuple[Signer, ...]) -> tuple[Vote, ...]:
        """The proven votes on every plan the run ever had, oldest first."""
        return vote.votes_of_run(self._all(kinds.VOTE), run=self._run, signers=signers)

    def stored(self, plan: str, votes: Sequence[Vote]) -> tuple[str, ...]:
        """These votes on the plan as they are stored: each statement with its signature."""
        if not votes:
            return ()
        inputs = self._all(kinds.VOTE, gate_name(plan))
        return tuple(inputs[cast.key] for cast in votes if cast.key in inputs)

    def voted(self, gate: str) -> frozenset[str]:
        """Keys of the votes at the gate, proven or not: these keys are taken."""
        return frozenset(self._all(kinds.VOTE, gate))

    def form_answers(self, gate: str) -> tuple[bool, ...]:
        """The answers in Prefect's own form at this gate, as the flow will read them."""
        found = sorted(self._all(kinds.FORM, gate).items())
        answers = (kinds.FORM.approves(text) for key, text in found if key.endswith("-response"))
        return tuple(answer for answer in answers if answer is not None)

    def request(self, started: Started, signers: tuple[Signer, ...]) -> Request | ChainedRequest | None:
        """The proven request of the run that was started so."""
        return proven_request(self._all(kinds.REQUEST), started, signers)

    def place(self) -> Place | None:
        """The place of the promotion's message. The first that was noted stays, so a process reads it once."""
        known = self._places
        if self._run not in known and (text := self._one(kinds.MESSAGE)) is not None:
            self._remember(kinds.MESSAGE.read(text))
        return known.get(self._run)

    def keep_place(self, place: Place) -> None:
        if self._add(kinds.MESSAGE.key(), kinds.MESSAGE.text(place)):
            self._remember(place)

    @property
    def _places(self) -> dict[str, Place]:
        return _places(cast("Hashable", self._runs))

    def _remember(self, place: Place | None) -> None:
        known = self._places
        if len(known) >= _PLACES:
            known.clear()
        if place:
            known[self._run] = place

    def keep_unsent(self, gate: str, waking: int, now: datetime) -> None:
        self._add(kinds.UNSENT.key(gate, str(waking)), kinds.UNSENT.text(now))

    def is_unsent(self, wait: str) -> bool:
        """Whether the chat did not take the message when the run began this wait: `{gate}-{waking}`."""
        return self._one(kinds.UNSENT, *wait.rsplit("-", 1)) is not None

    def may_ask(self, wait: str, now: datetime) -> bool:
        """Whether this server may send the message of this wait now."""
        return self._is_my_turn(kinds.SENDING, wait.rsplit("-", 1), now)

    def may_tell_of_its_end(self, state: str, now: datetime) -> bool:
        """The same for the message about a run that was stopped in this state."""
        return self._is_my_turn(kinds.TELLING, [state.lower()], now)

    def _is_my_turn(self, note: Time, parts: Sequence[str], now: datetime) -> bool:
        """An update of a message may be repeated. Where there is none to update, one of several servers sends it."""
        if self.place():
            return True
        began = [note.read(text) or _LONG_AGO for text in self._all(note, *parts).values()]
        if began and now - max(began) < SENDING:
            return False
        return self._add(note.key(*parts, str(len(began))), note.text(now))

    def was_shown(self) -> bool:
        """Whether people saw the run: by a message, or at a gate."""
        return self._one(kinds.MESSAGE) is not None or bool(self._all(kinds.PLAN))

    def told(self) -> dict[str, str]:
        """All lines that were sent to people, by key."""
        return self._all(kinds.TOLD)

    def tell_once(self, kind: str, step: str, line: str) -> bool:
        """False when it was sent already."""
        return self._add(kinds.TOLD.key(kind, step), line)

    def was_told_of_its_end(self, state: str) -> bool:
        return kinds.STOPPED.key(state.lower()) in self.told()

    def tell_end_once(self, state: str, line: str) -> bool:
        """The same for a run that was stopped in this state."""
        return self._add(kinds.STOPPED.key(state.lower()), line)

    def keep_rendered(self, rendered: Rendered) -> None:
        self._add(kinds.RENDERED.key(milliseconds(rendered.at)), kinds.RENDERED.text(rendered))

    def rendered(self, plan: str = "") -> Rendered | None:
        """The newest; with a plan only if it is of this plan."""
        return _newest(self._documents(kinds.RENDERED), plan)

    def shown(self, plan: str) -> Shown:
        """What people see of the plan besides its rows."""
        inputs = self.all()
        return shown_to_people(_newest(self._read(kinds.RENDERED, inputs), plan), self._checks(inputs))

    def keep_checks(self, first: Check, *more: Check) -> None:
        """In one note."""
        parts = (first.step, milliseconds(first.at))
        if more:
            self._add(kinds.VERDICTS.key(*parts), kinds.VERDICTS.text(Checks(checks=(first, *more))))
        else:
            self._add(kinds.VERDICT.key(*parts), kinds.VERDICT.text(first))

    def checks(self) -> tuple[Check, ...]:
        """The newest of each step."""
        return self._checks(self._runs.inputs(self._run, kinds.VERDICT.key().rstrip("-")))

    def _checks(self, inputs: Mapping[str, str]) -> tuple[Check, ...]:
        several = (each.checks for each in self._read(kinds.VERDICTS, inputs))
        return kinds.newest(chain(self._read(kinds.VERDICT, inputs), *several))

    def stop(self) -> str:
        """Why the run must roll back; empty when it need not."""
        return self._one(kinds.STOP) or ""

    def keep_stop(self, why: str) -> None:
        self._add(kinds.STOP.key(), why)

    def reverts(self, newest: Callable[[], str]) -> str:
        """The promotion that this rollback takes back: the newest one when it first began."""
        if kept := self.kept_reverts():
            return kept
        found = newest()
        return found if self._add(kinds.REVERTS.key(), found) else self.kept_reverts() or found

    def kept_reverts(self) -> str:
        """The same where it began before; else empty."""
        return self._one(kinds.REVERTS) or ""

    def claims(self) -> tuple[datetime, ...]:
        """When recovery claimed to start the run again. A claim that cannot be read counts as an old one."""
        return tuple(kinds.RERUN.read(text) or _LONG_AGO for text in self._all(kinds.RERUN).values())

    def claim(self, number: int, now: datetime) -> bool:
        """False when another server was quicker."""
        return self._add(kinds.RERUN.key(str(number)), kinds.RERUN.text(now))

    def keep_holder(self, holder: Holder, *, has_begun: bool = False) -> None:
        """`has_begun` says that the run, or a start of it, began before, so that another worker may have had it."""
        if has_begun and (before := self.holder()):
            holder = holder.copy_with(number=before.number + 1)
        start = holder.worker.rpartition("-")[2]
        self._add(kinds.WORKER.key(milliseconds(holder.since), start), kinds.WORKER.text(holder))

    def holder(self) -> Holder | None:
        """The last worker that Prefect gave the run to."""
        return max(self._documents(kinds.WORKER), key=lambda holder: (holder.number, holder.since), default=None)

    def was_replanned(self, gate: str, head: str) -> bool:
        return self._one(kinds.REPLAN, gate, head) is not None

    def replan_once(self, gate: str, head: str, now: datetime) -> bool:
        """False when it was started again for this gate and commit already."""
        return self._add(kinds.REPLAN.key(gate, head), kinds.REPLAN.text(now))

    def _add(self, key: str, text: str) -> bool:
        return self._runs.add_input(self._run, key, text)

    def _one(self, note: Note[Any], *parts: str) -> str | None:
        key = note.key(*parts)
        return self._runs.inputs(self._run, key).get(key)

    def _all(self, note: Note[Any], *parts: str) -> dict[str, str]:
        return self._runs.inputs(self._run, note.key(*parts))

    def _documents(self, note: Document[V]) -> Iterator[V]:
        return self._read(note, self._all(note))

    @staticmethod
    def _read(note: Document[V], inputs: Mapping[str, str]) -> Iterator[V]:
        listed = (text for key, text in inputs.items() if key.startswith(note.key()))
        return (value for text in listed if (value := note.read(text)))


@lru_cache(maxsize=4)
def _places(runs: Hashable) -> dict[str, Place]:  # noqa: ARG001  the key of the cache
    """Where the messages of these runs are by run, as far as this process knows."""
    return {}


def _newest(rendered: Iterable[Rendered], plan: str) -> Rendered | None:
    newest = max(rendered, key=lambda each: each.at, default=None)
    return newest if newest and plan in ("", newest.plan) else None
