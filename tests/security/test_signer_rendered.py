"""Where people are asked again, the holder of the keys asks Argo CD itself before it signs what they approved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.domain.approval.gate import Decision
from liftgate.domain.commits import signature
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.services import approvals
from liftgate.services.key_holder import CheckedKeyHolder
from liftgate.services.notes import Notes
from liftgate.services.own_rendering import SILENT_FOR
from liftgate.services.proposals import proposed_commit
from liftgate.wiring import Integrations
from tests.clocks import Ahead
from tests.flows.faults import fault, heal
from tests.security.signing import VOTED, holder_of, signing_world
from tests.security.test_signer import Forger
from tests.security.test_votes import KUSTOMIZATION, TWICE, rendered
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, Walk, gated, walk

__all__ = ["signing_world"]


def asked(world: World, *, deliver: str = "push", harmless: bool = False) -> tuple[Walk, GatedChange, Plan]:
    """grace approved what the page showed her: what Argo CD renders, or a harmless change that Prefect made up."""
    gated(world, deliver=deliver, policy={"rendered": "ask-again"})
    run = walk(world, by="rosa", to="dev")
    run.to_gate()
    change, plan, _ = run.asks()
    if harmless:
        shown = rendered(plan.hash).copy_with(at=run.at.clock.now() + timedelta(hours=1))
        Notes(run.at.runs, run.run).keep_rendered(shown)
    world.lab.vote(run.run, "grace", plan=plan.hash)
    return run, change, plan


@pytest.mark.parametrize("deliver", ["push", BY_PULL_REQUEST])
def test_a_flow_that_was_taken_over_pushes_no_rendering_that_people_never_saw(world: World, deliver: str) -> None:
    """The flow says that the gate is open."""
    run, change, plan = asked(world, deliver=deliver, harmless=True)
    holder, sha = holder_of(run.at), proposed_commit(run.at, change, plan)
    with pytest.raises(Refused, match="grace"):
        run.commit(change, plan, VOTED)
    forged = Forger(run, change, plan)
    forged.trailers = message.trailers_of(change, plan, ("grace",))
    with pytest.raises(Refused, match="no proven vote of grace on this plan and this rendered change"):
        holder.signature(forged.commit(), signature.COMMITS)
    with pytest.raises(Refused, match="the rendered change differs from what grace saw, so they are asked again"):
        holder.push(sha, run.at.git.ref, change.head)
    with pytest.raises(Refused, match="differs from what grace saw"):
        holder.forge("merge", {"number": 1, "head": sha, "title": "", "message": ""})
    assert world.lab.version("dev") == "1.4.1"


@pytest.mark.parametrize("deliver", ["push", BY_PULL_REQUEST])
def test_what_people_saw_is_signed_and_pushed(world: World, deliver: str) -> None:
    run, change, plan = asked(world, deliver=deliver)
    decision = approvals.gate(run.at, change, plan)
    assert (decision.opens, decision.approved_by) == (True, ("grace",))
    assert run.commit(change, plan, decision).revision
    assert world.lab.version("dev") == "1.4.2"
    run.at.git.fetch()
    assert not run.at.git.resolve(f"refs/heads/liftgate/preview/{change.id}")


def test_another_rendering_by_a_later_commit_is_asked_again_and_not_refused(world: World) -> None:
    """The branch moves between the gate and the commit."""
    run, change, plan = asked(world)
    decision = approvals.gate(run.at, change, plan)
    world.lab.commit({"README.md": b"other\n"})
    world.lab.commit({KUSTOMIZATION: TWICE})
    assert run.commit(change, plan, decision).revision == ""
    again = run.look_again(change)
    assert approvals.gate(run.at, again, run.plan(again)).waits


def test_another_commit_that_renders_alike_stops_nothing(world: World) -> None:
    run, change, plan = asked(world)
    decision = approvals.gate(run.at, change, plan)
    world.lab.commit({"README.md": b"other\n"})
    assert run.commit(change, plan, decision).revision
    assert world.lab.version("dev") == "1.4.2"


def with_clock(world: World, clock: SystemClock) -> CheckedKeyHolder:
    """A holder of the keys whose time the test moves."""
    holder = Integrations(world.at.settings)
    holder.runs, holder.clock = world.at.runs, clock
    return CheckedKeyHolder(holder)


def test_an_argo_cd_that_is_silent_is_asked_again_for_minutes_and_then_refused(world: World) -> None:
    run, change, plan = asked(world)
    clock = Ahead()
    holder, sha = with_clock(world, clock), proposed_commit(run.at, change, plan)
    fault(world.lab, "argocd", "git-unavailable")
    for clock.ahead in (0.0, SILENT_FOR - 30):
        with pytest.raises(Unavailable):
            holder.push(sha, run.at.git.ref, change.head)
    clock.ahead = SILENT_FOR
    with pytest.raises(Refused, match="Argo CD gave no answer for 5 minutes"):
        holder.push(sha, run.at.git.ref, change.head)
    heal(world.lab, "argocd")
    assert holder.push(sha, run.at.git.ref, change.head) == "pushed", "a later question begins a new time"


def test_a_repository_that_takes_no_push_is_no_silence_of_argo_cd(world: World) -> None:
    run, change, plan = asked(world)
    clock = Ahead()
    holder, sha = with_clock(world, clock), proposed_commit(run.at, change, plan)
    fault(world.lab, "forge", "git-503", path="git-receive-pack")
    for clock.ahead in (0.0, SILENT_FOR):
        with pytest.raises(Unavailable, match="503"):
            holder.push(sha, run.at.git.ref, change.head)
    heal(world.lab, "forge")
    assert holder.push(sha, run.at.git.ref, change.head) == "pushed"


def test_a_worker_without_argo_cd_takes_no_flows_word_for_it(world: World) -> None:
    run, change, plan = asked(world)
    holder = Integrations(world.at.settings)
    holder.runs, holder.renderer = world.at.runs, None
    with pytest.raises(Misconfigured, match="set LIFTGATE_ARGOCD__URL"):
        CheckedKeyHolder(holder).push(proposed_commit(run.at, change, plan), run.at.git.ref, change.head)


def test_a_gate_without_votes_asks_argo_cd_nothing(world: World) -> None:
    gated(world, needed=0, policy={"rendered": "ask-again"})
    run = walk(world, by="rosa", to="dev")
    change, plan, decision = run.to_gate()
    fault(world.lab, "argocd", "git-unavailable")
    assert run.commit(change, plan, Decision(state="open", reason=decision.reason)).revision
