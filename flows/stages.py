"""The named steps of a stage: they run in parallel, in the order of `liftgate.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

from liftgate.domain.common.verdict import Verdict, failed
from liftgate.domain.config.pipeline import RENDERED, StepSpec
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, GatedChange
from liftgate.services.checks import worst
from tasks.check import check, check_plan
from tasks.final_states import deployed_of, states_of, verdict_of
from tasks.now import patience
from tasks.propose import propose
from tasks.steps_of import steps_of
from tasks.tell import tell_step

States = list[State[Any]]
"""The final states of a stage's steps; the next task waits for them, so that the graph shows the order."""


def validate(promotion: GatedChange) -> tuple[Verdict, States]:
    """The findings of all steps."""
    begun = [check.submit(promotion, spec, spec.name) for spec in steps_of(promotion, "validate")]
    states = states_of(begun)
    return worst(verdict_of(state) for state in states), states


class Preview:
    """What people see. The rendering in the cluster can continue while a gate opens that needs no person."""

    def __init__(self, proposed: PrefectFuture[str], steps: Mapping[str, PrefectFuture[Verdict]]) -> None:
        """Raises the error of a step, except the rendering's."""
        self._steps = steps
        self.states = states_of([proposed, *(future for name, future in steps.items() if name != RENDERED)])
        for state in self.states:
            state.result()

    def so_far(self) -> Verdict:
        """The verdict of all steps except the rendering."""
        return worst(verdict_of(state) for state in self.states[1:])

    def verdict(self) -> Verdict:
        """The verdict of all steps when they are over; failed if one raised."""
        return worst(verdict_of(state) for state in states_of(self._steps.values()))

    def result(self) -> Verdict:
        """The same, but raises a step's error."""
        for state in states_of(self._steps.values()):
            state.result()
        return self.verdict()


def preview(promotion: GatedChange, plan: Plan) -> Preview:
    """Show the plan to people, and open a pull request if the policy delivers by one."""
    proposed = propose.submit(promotion, plan)
    steps = steps_of(promotion, "preview")
    return Preview(proposed, {spec.name: _begin(promotion, plan, spec, proposed) for spec in steps})


def _begin(promotion: GatedChange, plan: Plan, spec: StepSpec, proposed: PrefectFuture[str]) -> PrefectFuture[Verdict]:
    """Only the rendering must wait until the plan is on the remote."""
    before = [proposed] if spec.name == RENDERED else []
    return check_plan.submit(promotion, spec, spec.name, plan, wait_for=before, return_state=False)


def verify(promotion: Attempt, synced: State[Any]) -> tuple[Verdict, States]:
    """Passed if the commit is synced and every configured step passed. A step without an answer failed."""
    deployed = deployed_of(synced)
    if deployed.state != "deployed":
        return failed(deployed.reason), [synced]
    tell_step(promotion, "sync", f"synced and healthy after {deployed.total:.1f} s")
    specs = steps_of(promotion, "verify")
    begun = [check.submit(promotion, spec, spec.name, wait_for=[synced], return_state=False) for spec in specs]
    states = states_of(begun, within=patience())
    verdict = worst(verdict_of(state) for state in states)
    tell_step(promotion, "verify", verdict.reason)
    return verdict, states or [synced]
