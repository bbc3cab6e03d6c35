"""What the server says of people's pull requests: a status and one comment, once, and never more than it must."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from liftgate_sandbox.town import REPOSITORY, token_of
from sandbox_tests.plain import http

from liftgate.domain.approval.review import Review
from liftgate.errors import Unavailable
from liftgate.integrations.forge import OpenPull
from liftgate.integrations.forge.memory_pull_checks import MemoryPullChecks
from liftgate.integrations.git.repository import Author
from liftgate.services import pauses, pull_checks
from liftgate.services.pull_checks import PullChecks
from tests.committing import MAIN
from tests.examples import NOW, entry, text, values
from tests.lab import configured
from tests.server.beginning import RULES
from tests.server.world import World, server_world, wait_until

PROD = "configs/prod/values.json"
ROSA = Author(name="Rosa Park", email="rosa@example.com")
SECRET = "of the forge"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        yield world


@pytest.fixture
def checks(world: World) -> MemoryPullChecks:
    checks = MemoryPullChecks()
    world.at.forge.pull_checks = checks  # type: ignore[misc]
    return checks


@pytest.fixture
def pulls(world: World, checks: MemoryPullChecks) -> PullChecks:
    return PullChecks(world.at)


def pushed(world: World, files: dict[str, bytes | None], branch: str = "rosa/one") -> str:
    """A commit of Rosa on top of main, on a branch of its own."""
    there = world.lab.remote
    return world.lab.push(
        there.write(there.resolve(MAIN), files, "By hand\n", NOW, ROSA, None), f"refs/heads/{branch}", "rosa"
    )


def opened(world: World, checks: MemoryPullChecks, files: dict[str, bytes | None], number: int = 1, **more: Any) -> str:
    branch = more.pop("branch", f"rosa/{number}")
    head = pushed(world, files, branch)
    about = {"number": number, "url": f"https://forge.test/{number}", "head": head, "branch": branch}
    checks.pulls[number] = OpenPull(**about | {"author": "rosa", "ref": f"refs/heads/{branch}"} | more)
    return head


def comment(checks: MemoryPullChecks, number: int = 1) -> str:
    (mine,) = (each for each in checks.comments[number] if each.author == checks.own)
    return mine.body


def test_a_mistake_is_a_failure_with_its_place_and_mended_it_waits_for_an_approval(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    wrong = opened(world, checks, {PROD: text(values("prod", "not a version"))})
    pulls.once()
    assert [(each.state, each.sentence) for each in checks.statuses[wrong]] == [("failure", "1 mistake to correct")]
    assert f"`{PROD}:4:5`" in comment(checks)
    head = opened(world, checks, {PROD: text(values("prod", logLevel="info"))})
    pulls.once()
    (status,) = checks.statuses[head]
    assert (status.state, status.url) == ("pending", "https://forge.test/1")
    assert status.sentence.startswith("prod: needs 1 approval: ada or grace")
    assert "not a version" not in comment(checks)
    checks.given[1] = [Review(login="ada", state="approved", commit=head)]
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["pending", "success"]
    assert "approved by ada" in comment(checks)
    assert len(checks.comments[1]) == 1


def test_a_round_in_which_nothing_changed_sets_and_writes_nothing(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    opened(world, checks, {PROD: text(values("prod", logLevel="info"))}, updated=NOW)
    pulls.once()
    del checks.calls[:]
    pulls.once()
    assert checks.calls == ["open_pulls"]


def test_a_new_server_repeats_nothing(world: World, checks: MemoryPullChecks) -> None:
    head = opened(world, checks, {PROD: text(values("prod", logLevel="info"))})
    for _ in range(2):
        PullChecks(world.at).once()
    assert len(checks.statuses[head]) == 1
    assert len(checks.comments[1]) == 1


def test_a_pause_and_what_upstream_verified_change_the_status_without_a_word_of_the_forge(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    plan = world.plan()
    head = opened(world, checks, {PROD: text(values("prod", "1.4.2"))}, updated=NOW)
    checks.given[1] = [Review(login="ada", state="approved", commit=head)]
    world.record(entry(release="sha256:" + "0" * 64))
    pulls.once()
    assert checks.statuses[head][-1].state == "failure"
    assert "not verified in staging" in checks.statuses[head][-1].sentence
    world.record(entry(promotion="2" * 8 + "-1111-4111-8111-111111111111", release=plan.release_id))
    pulls.once()
    assert checks.statuses[head][-1].state == "success"
    pauses.pause(world.at, "ada", "", "moving", ROSA)
    pulls.once()
    assert checks.statuses[head][-1].state == "pending"
    assert "paused by" in checks.statuses[head][-1].sentence


def test_a_change_of_no_environment_is_a_success_without_a_comment(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    head = opened(world, checks, {"README.md": b"# Shop\n"})
    pulls.once()
    assert [(each.state, each.sentence) for each in checks.statuses[head]] == [("success", "changes no environment")]
    assert not checks.comments.get(1)


def test_a_file_that_is_too_large_is_named_and_not_fetched(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    large = b'{"application": "' + b"x" * 2_000_000 + b'"}'
    head = opened(world, checks, {PROD: large}, is_fork=True)
    pulls.once()
    assert checks.statuses[head][-1].state == "failure"
    assert "larger than 1 MB" in comment(checks)


def test_one_that_cannot_be_checked_stops_no_other_and_the_longest_unseen_come_first(
    world: World, checks: MemoryPullChecks, pulls: PullChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_checks, "MOST", 2)
    files: dict[str, bytes | None] = {"README.md": b"x"}
    opened(world, checks, files, 1, ref="refs/heads/gone")
    heads = [opened(world, checks, {"README.md": bytes([65 + n])}, n) for n in (2, 3)]
    for _ in range(2):
        pulls.once()
    assert all(head in checks.statuses for head in heads)


def test_a_forge_that_is_silent_is_asked_again_and_logged_once(
    world: World, checks: MemoryPullChecks, pulls: PullChecks, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(pull_checks, "REST", 0.01)
    monkeypatch.setattr(pull_checks, "ROUND", 0.0)
    head = opened(world, checks, {"README.md": b"x"})
    listed, tries, stop = checks.open_pulls, iter(range(3)), Event()

    def open_pulls(base: str) -> tuple[OpenPull, ...]:
        if next(tries, None) is None:
            return listed(base)
        raise Unavailable("the forge does not answer")

    monkeypatch.setattr(checks, "open_pulls", open_pulls)
    running = Thread(target=pulls.run, args=(stop,), daemon=True)
    running.start()
    wait_until(lambda: head in checks.statuses)
    stop.set()
    running.join(30)
    assert [each.message for each in caplog.records if "could not be checked" in each.message] == [
        "pull requests could not be checked: the forge does not answer"
    ]


def test_one_that_cannot_be_checked_is_logged_once(
    world: World, checks: MemoryPullChecks, pulls: PullChecks, caplog: Any
) -> None:
    opened(world, checks, {"README.md": b"x"}, ref="refs/heads/gone")
    for _ in range(2):
        pulls.once()
    assert len([each for each in caplog.records if "#1 could not be checked" in each.message]) == 1


def test_a_freeze_that_ended_opens_the_gate_without_any_change(
    world: World, checks: MemoryPullChecks, pulls: PullChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = world.at.clock.now()
    frozen = {"cron": f"{now.minute} {now.hour} * * *", "for": "2h"}
    policy = RULES | {"dev": {"freeze": [frozen]}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    head = opened(world, checks, {"configs/dev/values.json": text(values("dev", logLevel="info"))}, updated=NOW)
    pulls.once()
    assert checks.statuses[head][-1].state == "pending"
    later = now + timedelta(hours=3)
    monkeypatch.setattr(type(world.at.clock), "now", lambda _: later)
    monkeypatch.setattr(pull_checks, "AGAIN", -1.0)
    pulls.once()
    assert checks.statuses[head][-1].state == "success"


def test_on_github_it_is_red_then_green_with_one_comment(world: World) -> None:
    """A person's branch and pull request over the real protocols: mistake, correction, review, merge."""
    api = f"{world.at.settings.forge.url}/repos/{REPOSITORY}"

    def ask(who: str, method: str, path: str, **body: Any) -> Any:
        answer = http.request(method, api + path, json=body, headers={"Authorization": f"Bearer {token_of(who)}"})
        return answer.raise_for_status().json()

    def said(head: str) -> list[tuple[str, str]]:
        statuses = ask("rosa", "GET", f"/commits/{head}/status")["statuses"]
        return [(each["context"], each["state"]) for each in statuses]

    head = pushed(world, {PROD: text(values("prod", "not a version"))})
    number = ask("rosa", "POST", "/pulls", title="Log more", head="rosa/one", base="main")["number"]
    pulls = PullChecks(world.at)
    pulls.once()
    assert said(head) == [("liftgate", "failure")]
    (first,) = ask("rosa", "GET", f"/issues/{number}/comments")
    assert f"{PROD}:4:5" in first["body"]
    head = pushed(world, {PROD: text(values("prod", logLevel="info"))})
    pulls.once()
    assert said(head) == [("liftgate", "pending")]
    ask("ada", "POST", f"/pulls/{number}/reviews", event="APPROVE", body="good")
    PullChecks(world.at).once()
    assert said(head) == [("liftgate", "success")]
    (last,) = ask("rosa", "GET", f"/issues/{number}/comments")
    assert (last["id"], last["user"]["login"]) == (first["id"], "liftgate-bot")
    assert "approved by ada" in last["body"]


def test_the_comment_shows_what_changes_in_the_cluster_and_what_does_not_render_is_a_mistake(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    world.lab.town.deploy("example-app")
    files: dict[str, bytes | None] = {PROD: text(values("prod", logLevel="info"))}
    for number, is_fork in enumerate((False, True), 1):
        opened(world, checks, files, number, is_fork=is_fork)
    broken = opened(world, checks, files | {"configs/prod/kustomization.yaml": b"resources: [nothing.yaml]\n"}, 3)
    pulls.once()
    assert "What will change in the cluster" in comment(checks, 1)
    assert "ConfigMap/" in comment(checks, 1)
    assert "cluster" not in comment(checks, 2), "nothing of a fork is rendered"
    assert checks.statuses[broken][-1].state == "failure"
    assert "does not render" in comment(checks, 3)


def test_a_webhook_begins_a_round_sooner(world: World) -> None:
    state = world.app.state.state
    assert not state.pulls.changed.is_set()
    body = json.dumps({"action": "opened", "pull_request": {"head": {"ref": "rosa/one"}}}).encode()
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signed, "x-github-event": "pull_request"}
    assert world.http().post("/webhooks/forge", content=body, headers=headers).status_code == 202
    assert state.pulls.changed.is_set()


def opened_unsigned(world: World, checks: MemoryPullChecks, signatures: str) -> str:
    """The head of a pull request without a signature, where dev's signatures are `reported` or `required`."""
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy={"dev": {"signatures": signatures}}))})
    return opened(world, checks, {"configs/dev/values.json": text(values("dev", logLevel="warn"))})


def test_where_signatures_are_reported_the_comment_says_who_signed_and_nothing_fails(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    head = opened_unsigned(world, checks, "reported")
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["success"]
    (comment,) = checks.comments.values()
    assert "signatures: the only commit is not validly signed" in str(comment)


def test_where_signatures_are_required_an_unsigned_commit_is_a_failure(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    head = opened_unsigned(world, checks, "required")
    pulls.once()
    (status,) = checks.statuses[head]
    assert status.state == "failure"
    assert status.sentence.startswith("dev: the only commit is not validly signed")
