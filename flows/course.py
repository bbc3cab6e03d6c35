"""The steps of every promotion: plan, gate, commit, verify, roll back, record, conclude."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows.gates import wait_at_gates
from flows.rollback import rollback
from flows.stages import preview, validate, verify
from liftgate.domain.ledger.final_state import outcome_of_rollback
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.promotion.run_request import RunRequest, checked_request
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer import Deployed
from liftgate.services.outcomes import Result
from tasks.begin import begin
from tasks.commit import commit
from tasks.conclude import conclude
from tasks.final_states import deployed_of, in_a_sentence, unchanged
from tasks.look_again import look_again
from tasks.now import now
from tasks.plan import plan
from tasks.record import record
from tasks.standing import standing
from tasks.sync import sync
from tasks.tell import tell_step
from tasks.turn_away import turn_away

PLANS = 5
"""How many plans other people's commits may make outdated before the run stops."""


def run(asked: RunRequest) -> State[Any]:
    """Run a promotion or an update; returns a state with one sentence."""

    def course() -> State[Any]:
        try:
            return carry_out(begin(checked_request(asked)))
        except LiftgateError as error:
            turn_away(asked.kind, asked.application, asked.environment, error, return_state=True)
            raise

    return in_a_sentence(course)


def carry_out(promotion: GatedChange) -> State[Any]:
    """Continue the promotion from its current point to its end; safe to restart at any point."""
    if promotion.is_over:
        return conclude(promotion)
    promotion, result = (promotion, None) if promotion.revision else bring_in(promotion)
    if result is None:
        result = deploy(promotion)
    if result.nothing_to_do:
        return unchanged(promotion)
    return conclude(promotion.over(record(promotion, result)), result.plan)


def bring_in(promotion: GatedChange) -> tuple[GatedChange, Result | None]:
    """The promotion with its commit, or its result without one."""
    for _ in range(PLANS):
        verdict, checked = validate(promotion)
        if verdict.failed:
            return promotion, Result(outcome="refused", reason=verdict.in_full)
        planned = plan(promotion, wait_for=checked)
        if planned.is_empty:
            return standing(promotion)
        shown = preview(promotion, planned)
        decision = wait_at_gates(promotion, planned, shown)
        if not decision.opens:
            return promotion, Result.closed(decision, planned)
        try:
            promotion = commit(promotion, planned, decision, shown.verdict)
        finally:
            verdict = shown.result()
        if verdict.failed:
            return promotion, Result(outcome="refused", reason=verdict.in_full, plan=planned)
        if promotion.revision:
            tell_step(promotion, "commit", f"committed {promotion.revision[:12]}: {decision.reason}")
            return promotion, None
        promotion = look_again(promotion)
    return promotion, Result(outcome="refused", reason="other commits changed the values too often; start a new run")


def deploy(promotion: GatedChange) -> Result:
    """Sync and verify. From here on, errors and missing answers are failed verdicts, not exceptions."""
    if promotion.back:
        return take_back(promotion, promotion.back)
    synced = sync(promotion, return_state=True)
    deployed = deployed_of(synced)
    if deployed.state == "superseded":
        return Result(outcome="superseded", reason=deployed.reason, deployed=deployed)
    verdict, _ = verify(promotion, synced)
    if verdict.failed:
        return take_back(promotion, verdict.reason, deployed)
    return Result.good(promotion, deployed, verdict, now())


def take_back(promotion: GatedChange, why: str, deployed: Deployed | None = None) -> Result:
    """Roll back at once, in the same run; for a person's own commit, only report the failure."""
    if promotion.found:
        return Result(outcome="failed", reason=why, deployed=deployed)
    tell_step(promotion, "back", f"rolling back: {why}")
    began = now()
    state = rollback(promotion.application, promotion.environment, promotion.id, reason=why, return_state=True)
    seconds = (now() - began).total_seconds()
    return Result.taken_back(
        promotion, why, outcome_of_rollback(state.name), state.message or "", seconds=seconds, deployed=deployed
    )
