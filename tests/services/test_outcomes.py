"""The outcome as the ledger has it: what is recorded, when it was verified, and who approved, by the votes alone."""

from __future__ import annotations

from datetime import timedelta

from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.common.verdict import passed
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Promotion
from liftgate.domain.promotion.message import PROMOTION_ID
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.services import rollbacks
from liftgate.services.outcomes import Result, entry_of
from liftgate.services.standing import nothing_to_change
from tests.examples import NOW, RELEASE, WORKER, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import DEPLOYMENT
from tests.one_file import apply_plan
from tests.server.world import World
from tests.services.test_approvals import Later
from tests.services.walk import walk

PROBED = DEPLOYMENT.replace(
    "          image: example-app\n",
    "          image: example-app\n          readinessProbe: {httpGet: {path: /healthz, port: 80}}\n",
).replace("progressDeadlineSeconds: 120", "progressDeadlineSeconds: 2")


def committed(world: World, run: str, plan: Plan, *, forged: bool = False) -> Promotion:
    """The promotion with its commit, which says that ada and grace approved it."""
    git = world.at.git
    head = git.fetch()
    file = git.file(head, plan.paths[0])
    assert file is not None
    said = f"Promotion-Id: {run}\nPromotion-Environment: prod\nPromotion-Plan: {plan.hash}\n"
    names = "Promotion-Approved-By: ada\nPromotion-Approved-By: grace\n"
    files = {plan.paths[0]: apply_plan(plan, file.data, file.blob)}
    sha = git.write(head, files, f"Promote\n\n{said}{names}", NOW, AUTHOR, None if forged else WORKER)
    assert git.push(sha, git.ref, head) == "pushed"
    git.fetch()
    return Promotion(
        id=run, release=RELEASE, application="example-app", environment="prod", argocd=(("a",),), paths=plan.paths,
        head=head, requester=Requester(name="rosa", proof="server"), requested_at=NOW, revision=sha,
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
    withdrawn = promotion.opened(promotion.revision, ())
    assert entry_of(world.at, withdrawn, Result(reason="")).approved_by == (), "the gate did not count her review"


def test_a_persons_own_commit_has_no_plan_and_no_approvers(world: World) -> None:
    run, digest = world.waiting()
    world.lab.vote(run, "grace", plan=digest)
    found = entry_of(world.at, committed(world, run, world.plan(), forged=True), Result(reason=""))
    assert (found.approved_by, found.plan) == ((), "")


def test_promoting_what_is_there_is_nothing_to_do(deployed: World) -> None:
    assert walk(deployed, to="dev").to_end().outcome == "promoted"
    run = walk(deployed, to="dev")
    change = run.begin()
    assert run.validated(change).passed
    assert run.plan(change).is_empty
    there, result = nothing_to_change(deployed.at, change)
    assert (there, result and result.nothing_to_do) == (change, True)
    assert len([c for c in deployed.lab.commits() if c.trailer(PROMOTION_ID)]) == 1


def test_a_persons_own_merge_is_verified_without_a_commit_of_ours(deployed: World) -> None:
    merged = deployed.lab.commit({"configs/dev/values.json": text(values("dev", "1.4.2"))})
    run = walk(deployed, to="dev")
    change = run.begin()
    assert run.plan(change).is_empty
    found, result = nothing_to_change(deployed.at, change)
    assert (found.revision, found.found, result) == (merged, True, None)
    ended = run.end(found, run.deploy(found))
    assert (ended.outcome, ended.revision, ended.plan) == ("verified", merged, "")
    assert not any(c.trailer(PROMOTION_ID) for c in deployed.lab.commits())


def test_verified_is_when_the_steps_had_passed_however_long_it_takes_to_write_that_down(deployed: World) -> None:
    run = walk(deployed, to="dev")
    change, plan, decision = run.to_gate()
    change = run.commit(change, plan, decision)
    result = run.deploy(change)
    run.at = deployed.another()
    run.at.clock = Later(timedelta(minutes=5))
    times = run.end(change, result).times
    assert times.verified == result.at
    assert times.verified is not None
    assert times.finished - times.verified >= timedelta(minutes=5)


def test_what_does_not_get_ready_is_taken_back_with_what_its_pods_say(deployed: World) -> None:
    """1.5.0 does not get ready without a database."""
    deployed.lab.commit({"manifests/deployment.yaml": PROBED.encode()})
    assert walk(deployed, to="dev").to_end().outcome == "promoted"
    deployed.lab.commit({"configs/base/values.json": text(values("base", "1.5.0"))})
    run = walk(deployed, to="dev")
    change, plan, decision = run.to_gate()
    change = run.commit(change, plan, decision)
    deployed_as = run.sync(change)
    assert deployed_as.state == "failed"
    assert "exceeded its progress deadline: pod example-app-" in deployed_as.reason
    assert "Readiness probe failed" in deployed_as.reason
    back = RunRequest(kind="rollback", application="example-app", environment="dev", promotion=run.run)
    rollback = rollbacks.revert_once(run.at, rollbacks.begin_rollback(run.at, "a run within the other", back))
    healed = run.sync(rollback)
    ended = Result.of_rollback(rollback, healed, passed(""), run.at.clock.now())
    assert run.end(rollback, ended).outcome == "verified"
    run.end(change, Result.taken_back(change, deployed_as.reason, "verified", "", seconds=1.0, deployed=deployed_as))
    assert (deployed.lab.version("dev"), deployed.lab.serves("dev")) == ("1.4.2", "1.4.2")
    assert [e.outcome for e in deployed.lab.entries("dev") if e.kind == "promote"] == ["promoted", "rolled back"]
