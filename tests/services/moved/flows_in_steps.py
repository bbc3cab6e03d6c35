"""The flows without Prefect: the same services in the same order, with a name after each step, so that a run can stop
there."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.common.verdict import Verdict, failed
from liftgate.domain.ledger.final_state import STATE, outcome_of_rollback
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback
from liftgate.domain.promotion.nightly import NightRequest
from liftgate.domain.promotion.run_request import RunRequest, as_stored, checked_request
from liftgate.domain.promotion.take_over import hand_made_of
from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.deployer import Deployed
from liftgate.services import (
    approvals,
    deployments,
    left_behind,
    nightly,
    notifications,
    outcomes,
    planning,
    proposals,
    requests,
    rollbacks,
    suspension,
    take_over,
)
from liftgate.services import begin as beginning
from liftgate.services.best_effort import catch_up
from liftgate.services.checks import worst
from liftgate.services.commit_plan import commit_once
from liftgate.services.outcomes import Result
from liftgate.services.standing import nothing_to_change
from liftgate.services.verification import Preview, Stage, input_digest, step_verdict, steps_of
from tests.server.world import World
from tests.services.course import begin_taking_back

T = TypeVar("T")
TRIES = 2
"""Instead of those of `tasks.retry`: a world that stands still gives the same answer again."""
PLANS = 5


class Ended(NamedTuple):
    """The state in which a run's process ended."""

    kind: str
    name: str
    message: str


Steps: TypeAlias = Generator[str, None, Ended]
BroughtIn: TypeAlias = tuple[GatedChange, Result | None]


@dataclass
class InSteps:
    """One process of a run. `is_sick`: whether what a promotion brought fails its health check."""

    world: World
    run: str
    is_sick: Callable[[Attempt], bool] = lambda _: False

    def __post_init__(self) -> None:
        self.at = self.world.worker

    def steps(self) -> Steps:
        seen = self.world.read(self.run)
        try:
            if seen.flow == "nightly":
                yield "begun"
                tried(partial(nightly.night, self.at, self.run, NightRequest.model_validate(seen.parameters)))
                yield "started"
                return Ended("COMPLETED", "Completed", "all were started")
            if seen.flow == "take-over":
                taken = tried(lambda: take_over.begin_take_over(self.at, self.run, hand_made_of(seen.parameters)))
                if not taken.is_over:
                    take_over.announce(self.at, taken)
                yield "begun"
                return (yield from self.carry_out(taken))
            asked = checked_request(as_stored(seen.flow, seen.parameters))
            if asked.kind == "rollback":
                back = tried(lambda: rollbacks.begin_rollback(self.at, self.run, asked))
                yield "begun"
                return (yield from self.back(back))
            return (yield from self._change(asked))
        except LiftgateError as error:
            return Ended("FAILED", type(error).__name__, str(error))

    def _change(self, asked: RunRequest) -> Steps:
        try:
            seen = self.world.read(self.run)
            change = tried(lambda: beginning.begin_change(self.at, self.run, seen, self.at.git.fetch(), asked))
            yield "begun"
            return (yield from self.carry_out(change))
        except LiftgateError as error:
            with suppress(LiftgateError):
                outcomes.turn_away(self.at, self.run, asked.kind, asked.application, asked.environment, error)
            raise

    def carry_out(self, change: GatedChange) -> Steps:
        if change.is_over:
            return (yield from self.conclude(change))
        result = None
        if not change.revision:
            begun = yield from self.bring_in(change)
            if isinstance(begun, Ended):
                return begun
            change, result = begun
        if result is None:
            result = yield from self.deploy(change)
        if result.nothing_to_do:
            return Ended("COMPLETED", "NothingToDo", change.unchanged)
        entry = lasting(lambda: outcomes.record_once(self.at, change, result))
        yield "recorded"
        return (yield from self.conclude(change.over(entry), result.plan))

    def bring_in(self, change: GatedChange) -> Generator[str, None, Ended | BroughtIn]:
        for _ in range(PLANS):
            verdict = self._said(change, "validate")
            if verdict.failed:
                return change, Result(outcome="refused", reason=verdict.in_full)
            plan = planning.unblocked_plan(self.at, change)
            if plan.is_empty:
                return self._standing(change)
            yield "planned"
            verdict = yield from self._shown(change, plan)
            if verdict.failed:
                return change, Result(outcome="refused", reason=verdict.in_full)
            decision = tried(partial(approvals.gate, self.at, change, plan))
            if not decision.opens:
                return self._closed(change, plan, decision)
            yield "opened"
            change = self._committed(change, plan, decision, verdict)
            yield "pushed"
            if change.revision:
                return change, None
            change = tried(partial(beginning.look_again, self.at, change))
        return change, Result(outcome="refused", reason="other commits changed the values too often; start a new run")

    def _standing(self, change: GatedChange) -> BroughtIn:
        found, result = tried(partial(nothing_to_change, self.at, change))
        if result:
            left_behind.take_away(self.at, found)
        return found, result

    def _shown(self, change: GatedChange, plan: Plan) -> Generator[str, None, Verdict]:
        tried(partial(proposals.propose, self.at, change, plan))
        yield "proposed"
        verdict = self._said(change, "preview", Preview(change, plan, _show, last_try=True))
        catch_up()
        return verdict

    def _closed(self, change: GatedChange, plan: Plan, decision: Decision) -> Ended | BroughtIn:
        return self._suspended(change, plan, decision) if decision.waits else (change, Result.closed(decision, plan))

    def _committed(self, change: GatedChange, plan: Plan, decision: Decision, shown: Verdict) -> GatedChange:
        sha = tried(partial(commit_once, self.at, change, plan, decision, lambda: shown))
        if sha:
            notifications.tell_step(self.at, change, "commit", f"committed {sha[:12]}: {decision.reason}")
        return change.opened(sha, decision.approved_by)

    def _suspended(self, change: GatedChange, plan: Plan, decision: Decision) -> Ended:
        """As Prefect does it: in the next of the gate's waits that has no answer."""
        taken = self.at.runs.inputs(self.run, f"suspended-{gate_name(plan.hash)}")
        waking = len([key for key in taken if key.endswith("-schema")])
        suspension.suspend(self.at, change, plan, decision, waking)
        self.world.suspended(self.run, plan, waking=waking, form=True, until=decision.until)
        return Ended("PAUSED", "Suspended", decision.reason)

    def deploy(self, change: GatedChange) -> Generator[str, None, Result]:
        if change.back:
            return (yield from self.take_back(change, change.back))
        deployed = deployments.bring_to_cluster(self.at, change)
        yield "synced"
        if deployed.state == "superseded":
            return Result(outcome="superseded", reason=deployed.reason, deployed=deployed)
        verdict = self.verified(change, deployed)
        yield "verified"
        if verdict.failed:
            return (yield from self.take_back(change, verdict.reason, deployed))
        return Result.good(change, deployed, verdict, self.at.clock.now())

    def take_back(
        self, change: GatedChange, why: str, deployed: Deployed | None = None
    ) -> Generator[str, None, Result]:
        if change.found:
            return Result(outcome="failed", reason=why, deployed=deployed)
        try:
            ended = yield from self.back(lasting(lambda: begin_taking_back(self.at, change, why)), "back ")
        except LiftgateError as error:
            ended = Ended("FAILED", type(error).__name__, str(error))
        back = outcome_of_rollback(ended.name)
        return Result.taken_back(change, why, back, ended.message, seconds=0.0, deployed=deployed)

    def back(self, rollback: Rollback, step: str = "") -> Steps:
        if rollback.is_over:
            return (yield from self.conclude(rollback, step=step))
        plan = None
        with suppress(LiftgateError):
            plan, _ = rollbacks.difference(self.at, rollback)
        try:
            rollback = lasting(lambda: rollbacks.revert_once(self.at, rollback))
        except LiftgateError as error:
            return Ended("FAILED", type(error).__name__, rollbacks.call_people(self.at, rollback, str(error)))
        yield f"{step}pushed"
        deployed = deployments.bring_to_cluster(self.at, rollback)
        yield f"{step}synced"
        verdict = self.verified(rollback, deployed)
        yield f"{step}verified"
        result = Result.of_rollback(rollback, deployed, verdict, self.at.clock.now())
        entry = lasting(lambda: outcomes.record_once(self.at, rollback, result))
        yield f"{step}recorded"
        if entry.outcome == "rollback failed":
            with suppress(LiftgateError):
                rollbacks.call_people(self.at, rollback, entry.reason)
        return (yield from self.conclude(rollback.over(entry), plan, step=step))

    def conclude(self, attempt: Attempt, plan: Plan | None = None, *, step: str = "") -> Steps:
        entry = attempt.entry
        assert entry is not None
        try:
            tried(lambda: requests.start_next(self.at, attempt))
        finally:
            with suppress(LiftgateError):
                outcomes.conclude_attempt(self.at, attempt, entry, plan, _show)
        yield f"{step}told"
        return state_of(entry)

    def verified(self, attempt: Attempt, deployed: Deployed) -> Verdict:
        if deployed.state != "deployed":
            return failed(deployed.reason)
        said = self._said(attempt, "verify")
        return failed("health-check: it answers 500") if self.is_sick(attempt) else said

    def _said(self, change: Attempt, stage: Stage, preview: Preview | None = None) -> Verdict:
        said = {}
        for spec in steps_of(self.at, change, stage):
            try:
                said[spec.name] = step_verdict(self.at, change, spec, preview)
            except LiftgateError as error:
                if stage != "verify":
                    raise
                said[spec.name] = failed(str(error))
            notifications.keep_verdict(
                self.at, change.message_of, spec.name, said[spec.name], input_digest(self.at, change, spec)
            )
        return worst(said.values())


def state_of(entry: Entry) -> Ended:
    return Ended("COMPLETED" if entry.good else "FAILED", STATE[entry.outcome], entry.sentence)


def tried(call: Callable[[], T], passing: tuple[type[Exception], ...] = (Unavailable,)) -> T:
    for _ in range(TRIES - 1):
        with suppress(*passing):
            return call()
    return call()


def lasting(call: Callable[[], T]) -> T:
    """As what must succeed after the commit."""
    return tried(call, (Unavailable, Misconfigured))


def _show(_kind: str, _markdown: str, _description: str) -> None:
    """Artifacts are Prefect's."""
