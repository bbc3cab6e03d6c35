"""The plan that people see and decide on is Git's; what Prefect keeps of it, or of the gate, may be anything."""

from __future__ import annotations

from liftgate.domain.approval.vote import gate_name
from liftgate.services import approvals as questions
from liftgate.services.notes import Notes
from tests.examples import entry, text, values
from tests.lab import configured
from tests.server.world import World


def test_a_plan_that_prefect_keeps_and_git_does_not_give_is_not_shown_and_nothing_is_decided(world: World) -> None:
    made = world.plan()
    harmless = made.rows[0].copy_with(sentence="nothing to see here")
    run, plan = world.waiting(kept=made.copy_with(rows=(harmless,)))
    http = world.http("ada")
    page = http.get(f"/promotions/{run}").text
    assert "not the one that Git gives" in page
    assert "nothing to see here" not in page
    assert 'value="approve"' not in page
    shown = http.get(f"/api/v1/promotions/{run}").json()
    assert (shown["plan"], shown["approval"]["plan"]) == (None, "")
    answer = http.post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert (answer.status_code, "not the one that Git gives" in answer.json()["sentence"]) == (409, True)
    assert world.votes(run) == []


def test_what_was_planned_before_git_changed_is_not_decided_on_and_is_planned_again_once(world: World) -> None:
    run, plan = world.waiting()
    world.lab.commit({"README.md": b"x"})
    world.at.git.fetch()
    http = world.http("ada")
    assert 'value="approve"' in http.get(f"/promotions/{run}").text, "others' commits void nothing"
    checks = configured(world.lab, policy={"prod": {"approvals": {"needed": 1, "from": ["ada", "grace", "rosa"]}}})
    checks["applications"]["example-app"]["checks"] = {}
    world.lab.commit({"liftgate.json": text(checks)})
    world.at.git.fetch()
    page = http.get(f"/promotions/{run}").text
    assert "what was planned is not what Git says now" in page
    assert 'value="approve"' not in page
    answer = http.post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert answer.status_code == 409
    assert world.votes(run) == []
    sweeps = [world.recovery(), world.recovery()]
    for recovery in sweeps:
        recovery.once()
    assert (world.reruns(run), world.resumes(run)) == (1, 0)


def test_a_gate_of_a_plan_that_git_has_never_given_is_asked_about_once(world: World) -> None:
    """The worker, or a liar in Prefect, says otherwise: nothing is shown, and it does not begin again for ever."""
    run, _ = world.waiting()
    for _ in range(3):
        world.engine.suspend(run, "gate-0123456789ab-0")
        world.recovery().once()
    assert world.reruns(run) == 1


def test_values_that_cannot_be_planned_now_are_said_with_their_place(world: World) -> None:
    run, _ = world.waiting()
    world.lab.commit({"configs/prod/values.json": b"{]"})
    world.at.git.fetch()
    page = world.http("ada").get(f"/promotions/{run}").text
    assert "the plan cannot be made from Git now" in page
    assert "configs/prod/values.json:1:2" in page
    assert world.recovery().once() == []


def test_a_vote_counts_for_the_whole_digest_and_not_for_the_gates_label(world: World) -> None:
    run, plan = world.waiting()
    twin = plan[:-1] + ("0" if plan[-1] != "0" else "1")
    assert gate_name(twin) == gate_name(plan)
    answer = world.http("grace").post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, twin))
    assert "the plan has changed since you looked" in answer.json()["sentence"]
    world.lab.vote(run, "ada", plan=twin)
    assert questions.pending_approval(world.at, world.at.tree(world.at.git.head), world.read(run)).votes == ()
    assert world.recovery().once() == []


def test_the_plan_of_a_refused_promotion_is_the_one_whose_digest_the_ledger_has(world: World) -> None:
    run, plan = world.waiting()
    Notes(world.at.runs, run).keep_plan(world.plan().copy_with(rows=()))
    world.put(run, "FAILED", "Refused")
    world.record(entry(promotion=run, environment="prod", outcome="refused", plan=plan))
    world.lab.commit({"configs/prod/values.json": text(values("prod", "1.4.0"))})
    world.at.git.fetch()
    assert "/application/version" in world.http().get(f"/promotions/{run}").text
