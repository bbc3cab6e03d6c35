"""Waiting for people: Prefect suspends the run and its process ends. When resumed, the flow restarts from the top."""

from __future__ import annotations

from prefect import suspend_flow_run
from pydantic import ValidationError

from flows.stages import Preview
from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from tasks.ask import ask
from tasks.gate import gate
from tasks.resume_form import ResumeForm

WAKES = 50
"""How often a run may be resumed at a gate without enough votes."""


def wait_at_gates(promotion: GatedChange, plan: Plan, shown: Preview) -> Decision:
    """Open, refused or expired. People are asked only when the preview is complete and the plan can be deployed.

    The key contains the plan's hash, so a changed plan is a new gate. Each wait has its own key, so a form from a
    person who may not approve leads to the next wait, not through the gate.
    """
    if (verdict := shown.so_far()).failed:
        return Decision(state="refused", reason=verdict.in_full)
    answers: tuple[bool, ...] = ()
    for waking in range(WAKES):
        decision = gate(promotion, plan, answers, wait_for=shown.states)
        if decision.opens:
            return decision
        if (verdict := shown.result()).failed:
            return Decision(state="refused", reason=verdict.in_full)
        if not decision.waits:
            return decision
        asked = ask(promotion, plan, decision, waking)
        form, key = ResumeForm.with_initial_data(description=asked.form), f"{gate_name(plan.hash)}-{waking}"
        try:
            answer = suspend_flow_run(wait_for_input=form, key=key, timeout=asked.seconds)
        except ValidationError:  # the run died at this gate: its key is used, but there is no answer
            continue
        answers = (*answers, answer.approved)
    return Decision(state="refused", reason="resumed too often without enough votes; start a new run")
