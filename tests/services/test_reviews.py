"""Reviews of a pull request count as votes: of exactly the plan, by people we know, as long as they stand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import BOT, token_of
from sandbox_tests.plain import http

from liftgate.services import approvals, reviews
from tests.examples import NOW, WORKER, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import configured
from tests.one_file import apply_plan
from tests.server.world import World, server_world, wait_until
from tests.services.walk import BY_PULL_REQUEST, at_gate, page

SECRET = "of the forge"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path, None, Timings.fast(), LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        yield world


def proposed(world: World, run: str, data: bytes | None = None) -> int:
    """The run's pull request; with `data` its branch has something else than the plan."""
    plan, git = world.plan(), world.at.git
    head, branch = git.fetch(), f"refs/heads/liftgate/promotions/{run}"
    file = git.file(head, plan.paths[0])
    assert file is not None
    wanted = {plan.paths[0]: data or apply_plan(plan, file.data, file.blob)}
    world.lab.push(world.lab.remote.write(head, wanted, "Propose\n", NOW, AUTHOR, WORKER), branch, BOT)
    git.fetch()
    return world.at.forge.propose(branch=branch.removeprefix("refs/heads/"), base="main", title="T", body="B").number


def forge(world: World, person: str, method: str, path: str, **body: Any) -> Any:
    url = f"{world.at.settings.forge.url}/repos/shop/config/pulls/{path}"
    answer = http.request(method, url, json=body, headers={"Authorization": f"Bearer {token_of(person)}"})
    answer.raise_for_status()
    return answer.json()


def review(world: World, person: str, number: int, event: str = "APPROVE", **more: Any) -> Any:
    return forge(world, person, "POST", f"{number}/reviews", event=event, body="as I see it", **more)


def taken(world: World, run: str) -> list[str]:
    return [answer.sentence for answer in reviews.take(world.at, world.read(run))]


def test_an_approving_review_is_its_reviewers_vote_once_and_opens_the_gate(world: World) -> None:
    run, _ = world.waiting()
    review(world, "grace", proposed(world, run))
    (said,) = taken(world, run)
    assert said.startswith("you approved ")
    assert (world.votes(run), world.resumes(run)) == (["grace"], 1)
    assert taken(world, run) == []


def test_changes_requested_refuse_it_with_the_reviewers_words(world: World) -> None:
    run, _ = world.waiting()
    review(world, "grace", proposed(world, run), "REQUEST_CHANGES")
    taken(world, run)
    (vote,) = (json.loads(text)["statement"] for text in world.at.runs.inputs(run, "vote-").values())
    assert (vote["decision"], vote["reason"], vote["through"]) == ("reject", "as I see it", "forge")


def test_the_one_who_asked_and_comments_and_dismissed_reviews_do_not_count(world: World) -> None:
    run, _ = world.waiting(requested_by="rosa")
    number = proposed(world, run)
    review(world, "rosa", number)
    review(world, "ada", number, "COMMENT")
    given = review(world, "grace", number)
    forge(world, "ada", "PUT", f"{number}/reviews/{given['id']}/dismissals", message="too early")
    assert taken(world, run) == ["rosa requested this promotion, so another person must approve it"]
    assert world.votes(run) == []


def test_a_review_of_what_is_not_the_plan_is_nobodys_vote(world: World) -> None:
    run, _ = world.waiting()
    number = proposed(world, run)
    review(world, "grace", number)
    foreign = text(values("prod", "6.6.6"))
    assert proposed(world, run, foreign) == number
    assert taken(world, run) == [], "the approval is of the commit before"
    review(world, "grace", number)
    assert taken(world, run) == [], "the commit is not the plan"
    assert world.votes(run) == []


def test_a_dismissal_takes_the_vote_back_as_long_as_the_gate_waits(world: World) -> None:
    policy = {"prod": {"approvals": {"needed": 2, "from": ["ada", "grace"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    world.at.git.fetch()
    run, plan = world.waiting()
    number = proposed(world, run)
    given = review(world, "grace", number)
    taken(world, run)
    assert "needs 1 approval" in world.board()
    forge(world, "ada", "PUT", f"{number}/reviews/{given['id']}/dismissals", message="look again")
    answer = world.http("ada").post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert answer.status_code == 200
    assert world.resumes(run) == 0, "one is missing again"


def test_the_forges_word_makes_it_quick_and_the_sweep_finds_what_was_lost(world: World) -> None:
    run, _ = world.waiting()
    review(world, "grace", proposed(world, run))
    body = json.dumps({"pull_request": {"head": {"ref": f"liftgate/promotions/{run}"}}}).encode()
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signed, "x-github-event": "pull_request_review"}
    assert world.http().post("/webhooks/forge", content=body, headers=headers).status_code == 202
    wait_until(lambda: world.votes(run) == ["grace"])
    lost, _ = world.waiting(requested_by="rosa", waking=1)
    review(world, "ada", proposed(world, lost))
    world.recovery().once()
    assert world.votes(lost) == ["ada"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"pull_request": 1}', b'{"pull_request": {"head": {"ref": "main"}}}'])
def test_what_is_no_review_of_ours_is_only_a_reason_to_look(world: World, body: bytes) -> None:
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signed, "x-github-event": "pull_request_review"}
    assert world.http().post("/webhooks/forge", content=body, headers=headers).status_code == 202


def test_what_a_review_approved_is_merged_and_recorded_with_the_reviewer(world: World) -> None:
    world.lab.town.deploy("example-app")
    run, change, plan = at_gate(world, deliver=BY_PULL_REQUEST)
    pull = world.at.forge.find(f"liftgate/promotions/{run.run}", "main")
    assert pull is not None
    review(world, "grace", pull.number)
    taken(world, run.run)
    assert world.resumes(run.run) == 1
    change = run.begin()
    decision = approvals.gate(run.at, change, plan)
    assert decision.opens
    change = run.commit(change, plan, decision)
    assert run.end(change, run.deploy(change)).approved_by == ("grace",)
    assert world.lab.version("dev") == "1.4.2"
    assert "in the pull request" in page(world, run.run)
