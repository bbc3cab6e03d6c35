"""What a vote covers: the plan, and what the voter saw of it. Prefect may lie about both, before and after the vote."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.statement import read_statement
from liftgate.domain.approval.vote import Vote
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.planning.plan_value import FilePlan, Plan
from liftgate.domain.planning.row import Row
from liftgate.domain.rendered.fields import FieldChange
from liftgate.domain.rendered.rendered import ObjectChange, Part, Rendered
from liftgate.domain.runs.run_notes import Check
from liftgate.domain.runs.shown import shown_to_people
from liftgate.services import approvals, outcomes
from liftgate.services.notes import Notes
from liftgate.services.outcomes import Result
from tests.examples import ALLOWED_SIGNERS, NOW
from tests.server.conftest import running, world
from tests.server.world import World
from tests.services.conftest import deployed
from tests.services.walk import Walk, gated, walk

if TYPE_CHECKING:
    from liftgate.domain.approval.gate import Decision
    from liftgate.domain.promotion.attempt import GatedChange

__all__ = ["deployed", "running", "world"]
KUSTOMIZATION = "configs/dev/kustomization.yaml"
TWICE = (
    b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../manifests]\n"
    b"configMapGenerator: [{name: environment-config, files: [values.json]}, {name: copy, files: [values.json]}]\n"
)


def rendered(plan: str = "p", **changes: Any) -> Rendered:
    change = ObjectChange(
        object="ConfigMap/config",
        kind="replace",
        fields=(FieldChange(pointer="/data/a", kind="replace", before="1", after="2"),),
    )
    known: dict[str, Any] = {"application": "shop-dev", "state": "rendered", "sentence": "", "changes": (change,)}
    return Rendered(plan=plan, head="h", at=NOW, parts=(Part(**known | changes),))


def checked(**changes: Any) -> Check:
    known = {"step": "json-lint", "state": "passed", "reason": "3 files", "at": NOW, "inputs": "sha256:1"}
    return Check.model_validate(known | changes)


PLAN = Plan(
    application="shop",
    environment="prod",
    release_id="sha256:r",
    version="1.4.2",
    files=(
        FilePlan(
            path="configs/prod/values.json",
            blob="b",
            edits=(Edit(op="replace", pointer="/a", value=2, before=1),),
        ),
    ),
    rows=(Row(pointer="/a", kind="replace", before="1", after="2"),),
    policy_hash="sha256:p",
)
TEXTS = ("application", "environment", "release_id", "version", "policy_hash")
EDITS = some.builds(
    Edit, op=some.just("replace"), pointer=some.text(max_size=5), value=some.integers(), before=some.integers()
)
ROWS = some.builds(Row, pointer=some.text(max_size=5), kind=some.just("add"), sentence=some.text(max_size=9))
COVERED = some.one_of(
    *(some.fixed_dictionaries({name: some.text(max_size=9)}) for name in TEXTS),
    some.fixed_dictionaries(
        {"files": some.tuples(some.builds(FilePlan, path=some.text(max_size=9), edits=some.tuples(EDITS)))}
    ),
    some.fixed_dictionaries({"rows": some.tuples(ROWS)}),
)


@given(changes=COVERED)
def test_the_plans_digest_covers_each_of_its_parts(changes: dict[str, Any]) -> None:
    changed = PLAN.copy_with(**changes)
    assert (changed.hash == PLAN.hash) == (changed == PLAN)


@given(source=some.text(max_size=9), first_time=some.booleans())
def test_and_nothing_that_follows_from_them(source: str, *, first_time: bool) -> None:
    """The commit the release was read from, and whether it is the first: other people's commits void nothing."""
    assert PLAN.copy_with(source=source, first_time=first_time).hash == PLAN.hash


SEEN = shown_to_people(rendered(), [checked()]).page


@given(reason=some.text(max_size=20), minutes=some.integers(1, 10_000), head=some.text(max_size=8))
def test_times_and_sentences_are_no_part_of_what_was_shown(reason: str, minutes: int, head: str) -> None:
    later = NOW + timedelta(minutes=minutes)
    again = rendered(sentence=reason).copy_with(head=head, at=later)
    assert shown_to_people(again, [checked(reason=reason, at=later)]).page == SEEN


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        (None, [checked()]),
        (rendered(state="unknown"), [checked()]),
        (rendered(application="shop-prod"), [checked()]),
        (rendered(changes=()), [checked()]),
        (rendered(), []),
        (rendered(), [checked(), checked(step="own")]),
        (rendered(), [checked(step="own")]),
        (rendered(), [checked(state="not configured")]),
        (rendered(), [checked(inputs="sha256:2")]),
    ],
)
def test_everything_else_is(change: Rendered | None, checks: list[Check]) -> None:
    assert shown_to_people(change, checks).page != SEEN


def test_the_order_in_which_the_steps_ended_is_no_part_of_it() -> None:
    two = [checked(), checked(step="own")]
    assert shown_to_people(None, two) == shown_to_people(None, two[::-1])


def test_a_decision_on_what_was_shown_before_is_refused_everywhere(world: World) -> None:
    """The page, the API and the chat send the digest that they showed."""
    run, plan = world.waiting(place="1.1")
    before = world.ballot(run, plan)
    approval = world.http().get(f"/api/v1/promotions/{run}").json()["approval"]
    assert (approval["plan"], approval["shown"]) == (before["plan"], before["shown"])
    assert f'name="shown" value="{before["shown"]}"' in world.http("ada").get(f"/promotions/{run}").text
    Notes(world.at.runs, run).keep_rendered(rendered(plan))
    for answer in (
        world.http("ada").post(f"/api/v1/promotions/{run}/decision", json=before),
        world.http("ada", origin=world.url).post(f"/promotions/{run}/decision", data=before),
    ):
        assert answer.status_code == 409
        assert "the rendered change or the checks have changed since you looked" in answer.text
    without = {name: value for name, value in before.items() if name != "shown"}
    assert world.http("ada").post(f"/api/v1/promotions/{run}/decision", json=without).status_code == 422
    assert (world.votes(run), world.resumes(run)) == ([], 0)
    again = world.http("ada").post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert again.status_code == 200
    signed = vote_of(world, run)
    assert (signed.plan, signed.shown, signed.rendered) == (plan, world.shown(run, plan), rendered(plan).digest)


def vote_of(world: World, run: str) -> Vote:
    (text,) = world.at.runs.inputs(run, "vote-").values()
    vote = read_statement(text, Vote, signature.VOTES, read_allowed(ALLOWED_SIGNERS))
    assert vote is not None
    return vote


def approved(world: World, **policy: Any) -> tuple[Walk, Plan]:
    """rosa's run waits at dev, and ada approved what the page showed her."""
    gated(world, policy=policy)
    run = walk(world, by="rosa", to="dev")
    run.to_gate()
    _, plan, _ = run.asks()
    answer = world.http("ada").post(f"/api/v1/promotions/{run.run}/decision", json=world.ballot(run.run, plan.hash))
    assert answer.status_code == 200, answer.text
    return run, plan


def again(run: Walk) -> tuple[GatedChange, Plan, Decision]:
    """The run was woken, and begins at its newest commit."""
    change = run.begin()
    plan = run.plan(change)
    run.previewed(change, plan)
    return change, plan, approvals.gate(run.at, change, plan)


def test_another_rendered_change_counts_and_is_told(deployed: World) -> None:
    run, plan = approved(deployed)
    deployed.lab.commit({KUSTOMIZATION: TWICE})
    change, now, decision = again(run)
    assert (now.hash, decision.opens) == (plan.hash, True), "what people decided on is the same"
    entry = outcomes.entry_of(run.at, run.commit(change, plan, decision), Result(reason="", outcome="promoted"))
    assert (entry.approved_by, entry.saw_another) == (("ada",), ("ada",))
    assert entry.sentence.endswith("The rendered change differs from what ada saw.")


def test_or_people_are_asked_again(deployed: World) -> None:
    run, plan = approved(deployed, rendered="ask-again")
    assert again(run)[2].opens, "while it is what she saw"
    deployed.lab.commit({KUSTOMIZATION: TWICE})
    change, now, decision = again(run)
    assert (now.hash, decision.waits) == (plan.hash, True)
    assert "the rendered change differs from what ada saw, so they are asked again" in decision.reason
    approvals.ask(run.at, change, now, decision)
    deployed.suspended(run.run, now, waking=1, form=True, until=decision.until)
    assert "asked again" in deployed.http().get(f"/promotions/{run.run}").text
    ballot = deployed.ballot(run.run, plan.hash)
    assert deployed.http("ada").post(f"/api/v1/promotions/{run.run}/decision", json=ballot).status_code == 200
    change, _, decision = again(run)
    assert (decision.opens, decision.approved_by) == (True, ("ada",))
    entry = outcomes.entry_of(run.at, run.commit(change, plan, decision), Result(reason="", outcome="promoted"))
    assert (entry.approved_by, entry.saw_another) == (("ada",), ())
    votes = [json.loads(text)["statement"] for text in entry.votes]
    assert [(vote["person"], vote["plan"]) for vote in votes] == [("ada", plan.hash)] * 2


def test_the_flow_believes_argo_cd_and_not_what_prefect_showed(deployed: World) -> None:
    """Prefect shows a harmless change; a person approves that."""
    gated(deployed, policy={"rendered": "ask-again"})
    run = walk(deployed, by="rosa", to="dev")
    run.to_gate()
    _, plan, _ = run.asks()
    harmless = rendered(plan.hash).copy_with(at=run.at.clock.now() + timedelta(hours=1))
    Notes(run.at.runs, run.run).keep_rendered(harmless)
    ballot = deployed.ballot(run.run, plan.hash)
    assert deployed.http("ada").post(f"/api/v1/promotions/{run.run}/decision", json=ballot).status_code == 200
    decision = again(run)[2]
    assert decision.waits
    assert "differs from what ada saw" in decision.reason
