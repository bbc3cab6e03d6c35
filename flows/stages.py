"""The named steps of a stage, side by side, in the order `liftgate.json` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

from liftgate.domain.pipeline import RENDERED, StepSpec
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed
from liftgate.services.verification import worst
from tasks.check import check
from tasks.ends import deployed_of, states_of, verdict_of
from tasks.now import patience
from tasks.preview import generate_diff, notify_reviewers
from tasks.propose import propose
from tasks.rendered_diff import rendered_diff
from tasks.steps_of import steps_of
from tasks.tell import tell_step

PREVIEWS = {"generate-diff": generate_diff, "notify-reviewers": notify_reviewers}

States = list[State[Any]]
"""The final states of a stage's steps; what comes after names them, so that the graph shows the order."""


def validate(promotion: Promotion) -> tuple[Verdict, States]:
    """All findings of all steps at once."""
    begun = [check.submit(promotion, spec, spec.name) for spec in steps_of(promotion, "validate")]
    states = states_of(begun)
    return worst(verdict_of(state) for state in states), states


class Preview:
    """What is shown to people. The rendering in the cluster goes on while a gate that needs no person opens."""

    def __init__(self, proposed: PrefectFuture[str], steps: Mapping[str, PrefectFuture[Verdict]]) -> None:
        """Raises what a step raised, but for the rendering."""
        self._steps = steps
        self.states = states_of([proposed, *(future for name, future in steps.items() if name != RENDERED)])
        for state in self.states:
            state.result()

    def so_far(self) -> Verdict:
        """Of all but the rendering."""
        return worst(verdict_of(state) for state in self.states[1:])

    def verdict(self) -> Verdict:
        """Of all steps, when they are over; failed also where one raised."""
        return worst(verdict_of(state) for state in states_of(self._steps.values()))

    def result(self) -> Verdict:
        """The same, or what a step raised."""
        for state in states_of(self._steps.values()):
            state.result()
        return self.verdict()


def preview(promotion: Promotion, plan: Plan) -> Preview:
    """Shown to people, and proposed as a pull request where policy delivers by one; a step that fails stops it."""
    proposed = propose.submit(promotion, plan)
    steps = steps_of(promotion, "preview")
    return Preview(proposed, {spec.name: _begin(promotion, plan, spec, proposed) for spec in steps})


def _begin(promotion: Promotion, plan: Plan, spec: StepSpec, proposed: PrefectFuture[str]) -> PrefectFuture[Verdict]:
    """Only what is rendered must be on the remote before."""
    if spec.name == RENDERED:
        return rendered_diff.submit(promotion, plan, wait_for=[proposed], return_state=False)
    if spec.name in PREVIEWS:
        return PREVIEWS[spec.name].submit(promotion, plan)
    return check.submit(promotion, spec, spec.name)


def verify(promotion: Promotion, synced: State[Any]) -> tuple[Verdict, States]:
    """Synced, and every configured step passed; none of them can be talked into "passed" by silence."""
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
