"""Who approved, as the ledger has it: by the votes themselves, whatever a message says."""

from __future__ import annotations

from liftgate.domain.plan import Plan, apply
from liftgate.domain.promotion import Promotion, Requester
from liftgate.domain.vote import gate_name
from liftgate.services.outcomes import Result, entry_of
from tests.examples import NOW, WORKER
from tests.gatehouse.conftest import world
from tests.gatehouse.world import World
from tests.integrations.conftest import AUTHOR

__all__ = ["world"]


def committed(world: World, run: str, plan: Plan, *, forged: bool = False) -> Promotion:
    """The promotion with its commit, which says that ada and grace approved it."""
    git = world.at.git
    head = git.fetch()
    file = git.file(head, plan.path)
    assert file is not None
    said = f"Promotion-Id: {run}\nPromotion-Environment: prod\nPromotion-Plan: {plan.hash}\n"
    names = "Promotion-Approved-By: ada\nPromotion-Approved-By: grace\n"
    files = {plan.path: apply(plan, file.data, file.blob)}
    sha = git.write(head, files, f"Promote\n\n{said}{names}", NOW, AUTHOR, None if forged else WORKER)
    assert git.push(sha, git.ref, head) == "pushed"
    git.fetch()
    return Promotion(
        id=run, kind="promote", application="example-app", environment="prod", argocd=(("a",),), path=plan.path,
        head=head, requester=Requester(name="rosa", proof="gatehouse"), requested_at=NOW, revision=sha,
    )  # fmt: skip


def test_the_approvers_are_those_whose_votes_on_this_plan_are_proven_and_count(world: World) -> None:
    run, digest = world.waiting()
    plan = world.plan()
    promotion = committed(world, run, plan)
    assert entry_of(world.at, promotion, Result(reason="")).approved_by == (), "nobody voted"
    world.lab.vote(run, "ada", plan=digest[:-4] + "0000")
    world.at.runs.add_input(run, f"vote-{gate_name(digest)}-mallory", '{"statement": {}, "signature": ""}')
    world.lab.vote(run, "rosa", plan=digest)
    world.lab.vote(run, "grace", plan=digest)
    found = entry_of(world.at, promotion, Result(reason=""))
    assert (found.approved_by, found.plan) == (("grace",), digest)
    withdrawn = promotion.committed(promotion.revision, ())
    assert entry_of(world.at, withdrawn, Result(reason="")).approved_by == (), "the gate did not count her review"


def test_a_persons_own_commit_has_no_plan_and_no_approvers(world: World) -> None:
    run, digest = world.waiting()
    world.lab.vote(run, "grace", plan=digest)
    found = entry_of(world.at, committed(world, run, world.plan(), forged=True), Result(reason=""))
    assert (found.approved_by, found.plan) == ((), "")
