"""Waiting for people: the run is suspended, its process ends, and it begins again from the top when woken."""

from __future__ import annotations

from prefect import suspend_flow_run
from pydantic import ValidationError

from flows.stages import Preview
from liftgate.domain import diff
from liftgate.domain.gate import Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.vote import gate_name
from tasks.ask import ask
from tasks.gate import gate
from tasks.resume_form import ResumeForm

WAKES = 50
"""How often a gate may be woken without enough votes."""
_FORM_LIMIT = 20_000


def wait_at_gates(promotion: Promotion, plan: Plan, shown: Preview) -> Decision:
    """Open, refused or expired; a person is asked only when everything is shown and can be deployed.

    The key holds the plan's hash, so a changed plan is a new gate; each waking has a key of its own, so a form sent
    without a right leads to the next question instead of through.
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
        seconds = ask(promotion, plan, decision)
        text = f"## {promotion.title}\n\n{decision.reason}\n\n{diff.as_markdown(plan, limit=_FORM_LIMIT)}"
        form = ResumeForm.with_initial_data(description=text)
        try:
            answer = suspend_flow_run(wait_for_input=form, key=f"{gate_name(plan.hash)}-{waking}", timeout=seconds)
        except ValidationError:  # the run died at this gate: its key is used up, and nobody has answered
            continue
        answers = (*answers, answer.approved)
    return Decision(state="refused", reason="woken too often without enough votes; start a new run")
