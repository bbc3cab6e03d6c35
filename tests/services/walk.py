"""A run walked through step by step: each step calls the services that its task calls, without a flow around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from liftgate.domain.approval.gate import Decision
from liftgate.domain.common.verdict import Verdict, passed
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, GatedChange
from liftgate.domain.promotion.run_request import as_stored, checked_request
from liftgate.integrations.deployer import Deployed
from liftgate.services import approvals, begin, deployments, notifications, outcomes, planning, proposals
from liftgate.services.best_effort import catch_up
from liftgate.services.checks import worst
from liftgate.services.commit_plan import commit_once
from liftgate.services.outcomes import Result
from liftgate.services.verification import Preview, Stage, input_digest, step_verdict, steps_of
from liftgate.wiring import Integrations
from tests.examples import text
from tests.lab import configured
from tests.server.world import World

BY_PULL_REQUEST = "pull-request"
OPEN = Decision(state="open", reason="no approval is needed")
SHOWN = passed("shown")


@dataclass
class Walk:
    """Of one run. A test calls the steps whose rule it is about, or `to_end` for all of them."""

    world: World
    at: Integrations
    run: str
    shown: dict[str, str] = field(default_factory=dict)
    """The artifacts, by their kind."""

    def begin(self) -> GatedChange:
        """As the run begins, and begins again when it was woken."""
        run = self.world.read(self.run)
        asked = checked_request(as_stored(run.flow, run.parameters))
        return begin.begin_change(self.at, self.run, run, self.at.git.fetch(), asked)

    def look_again(self, change: GatedChange) -> GatedChange:
        return begin.look_again(self.at, change)

    def validated(self, change: GatedChange) -> Verdict:
        return worst(self._said(change, "validate").values())

    def plan(self, change: GatedChange) -> Plan:
        """Raises Refused when something blocks it."""
        return planning.unblocked_plan(self.at, change)

    def previewed(self, change: GatedChange, plan: Plan, *, last_try: bool = False) -> Verdict:
        """Proposed, and shown to people."""
        proposals.propose(self.at, change, plan)
        preview = Preview(change, plan, self._show, last_try=last_try)
        said = worst(self._said(change, "preview", preview).values())
        catch_up()
        return said

    def to_gate(self) -> tuple[GatedChange, Plan, Decision]:
        """Everything before the gate went well; and what the gate says."""
        change = self.begin()
        assert self.validated(change).passed
        plan = self.plan(change)
        assert self.previewed(change, plan).passed
        return change, plan, approvals.gate(self.at, change, plan)

    def asks(self) -> tuple[GatedChange, Plan, Decision]:
        """It asked people at its gate, of what it may have shown before, and is suspended there."""
        change = self.begin()
        plan = self.plan(change)
        decision = approvals.gate(self.at, change, plan)
        assert decision.waits, decision
        approvals.ask(self.at, change, plan, decision)
        self.world.suspended(self.run, plan, form=True, until=decision.until)
        return change, plan, decision

    def commit(
        self, change: GatedChange, plan: Plan, decision: Decision = OPEN, preview: Callable[[], Verdict] = lambda: SHOWN
    ) -> GatedChange:
        """With its commit, or without one where a new plan is needed."""
        return change.opened(commit_once(self.at, change, plan, decision, preview), decision.approved_by)

    def deploy(self, change: GatedChange) -> Result:
        """Synced and verified."""
        deployed = self.sync(change)
        assert deployed.state == "deployed", deployed
        said = worst(self.verified(change).values())
        assert not said.failed, said
        return Result.good(change, deployed, said, self.at.clock.now())

    def sync(self, change: Attempt) -> Deployed:
        return deployments.bring_to_cluster(self.at, change)

    def verified(self, change: Attempt) -> dict[str, Verdict]:
        """What each step says."""
        return self._said(change, "verify")

    def end(self, change: Attempt, result: Result) -> Entry:
        """Recorded and told; nothing is left open."""
        entry = outcomes.record_once(self.at, change, result)
        outcomes.conclude_attempt(self.at, change, entry, result.plan, self._show)
        return entry

    def to_end(self) -> Entry:
        """From its beginning, or its open gate."""
        change, plan, decision = self.to_gate()
        assert decision.opens, decision
        change = self.commit(change, plan, decision)
        assert change.revision
        return self.end(change, self.deploy(change))

    def _said(self, change: Attempt, stage: Stage, preview: Preview | None = None) -> dict[str, Verdict]:
        said = {spec.name: step_verdict(self.at, change, spec, preview) for spec in steps_of(self.at, change, stage)}
        inputs = {spec.name: input_digest(self.at, change, spec) for spec in steps_of(self.at, change, stage)}
        for step, each in said.items():
            notifications.keep_verdict(self.at, self.run, step, each, inputs[step])
        return said

    def _show(self, kind: str, markdown: str, _description: str) -> None:
        self.shown[kind] = markdown


def walk(world: World, flow: str = "promote", *, by: str = "", at: Integrations | None = None, **asked: Any) -> Walk:
    """A new run of the flow for `example-app`, asked for by a proven person or by nobody."""
    run = world.at.runs.create(flow, {"application": "example-app"} | asked).id
    if by:
        world.request(run, by)
    return Walk(world, at or world.worker, run)


def gated(world: World, *, deliver: str = "push", policy: dict[str, Any] | None = None, **approvals: Any) -> None:
    """Dev takes an approval, or what is given; `policy` is what else it requires."""
    policy = {"deliver": deliver, "approvals": {"needed": 1} | approvals} | (policy or {})
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy={"dev": policy}))})


def at_gate(world: World, *, deliver: str = "push") -> tuple[Walk, GatedChange, Plan]:
    """rosa's run of 1.4.2 that waits at dev."""
    gated(world, deliver=deliver)
    run = walk(world, by="rosa", to="dev")
    if deliver == BY_PULL_REQUEST:
        run.to_gate()
    change, plan, _ = run.asks()
    return run, change, plan


def page(world: World, run: str) -> str:
    """As people see it when everything is fetched."""
    world.at.git.fetch()
    return world.http().get(f"/promotions/{run}").text
