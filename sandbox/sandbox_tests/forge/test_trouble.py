"""Each fault of the forge, felt by a real client, and gone when its times are over."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox_tests.forge.world import REPOSITORY, World, git
from sandbox_tests.plain import http


def arm(world: World, fault: str, **more: Any) -> None:
    answer = http.post(f"{world.url}/sandbox/faults", json={"fault": fault, "times": 1, **more})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("fault", "status"), [("status-503", 503), ("status-502", 502)])
def test_the_api_is_down_for_as_many_calls_as_were_asked(world: World, fault: str, status: int) -> None:
    arm(world, fault, times=2)
    with world.api() as api:
        statuses = [api.get(world.home).status_code for _ in range(3)]

    assert statuses == [status, status, 200]


def test_a_lost_answer_has_had_its_effect(world: World) -> None:
    pull = world.proposal()
    arm(world, "lost-answer")
    with world.api() as api:
        api.get(pull)
        with pytest.raises(httpx.RemoteProtocolError):
            api.put(f"{pull}/merge")
        assert api.get(pull).json()["merged"] is True


def test_a_push_whose_answer_is_lost_has_arrived(world: World) -> None:
    world.commit({"a": "1"})
    clone = world.clone()
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "more")
    arm(world, "lost-push-answer")

    lost = git(clone, "push", "origin", "HEAD:main", check=False)

    assert lost.returncode != 0
    assert git(clone, "rev-parse", "HEAD").stdout.strip() == world.forge.bare(REPOSITORY).branch("main")
    again = git(clone, "push", "--porcelain", "origin", "HEAD:main")
    assert "=\tHEAD:refs/heads/main\t[up to date]" in again.stdout


def test_a_busy_merge_is_refused_once_in_githubs_words(world: World) -> None:
    pull = world.proposal()
    arm(world, "merge-busy")
    with world.api() as api:
        busy, done = api.put(f"{pull}/merge"), api.put(f"{pull}/merge")

    assert (busy.status_code, done.status_code) == (405, 200)
    assert busy.json()["message"] == "Base branch was modified. Review and try the merge again."


def test_the_secondary_limit_says_when_to_come_back(world: World) -> None:
    arm(world, "rate-limited", seconds=7)
    with world.api() as api:
        answer = api.get(world.home)

    assert (answer.status_code, answer.headers["retry-after"]) == (403, "7")
    assert "secondary rate limit" in answer.json()["message"]


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ("rate-limited-until", 429, "retry-after"),
        ("rate-limit-used-up", 403, "x-ratelimit-reset"),
        ("rate-limit-used-up-429", 429, "x-ratelimit-reset"),
        ("rate-limited-in-words", 403, ""),
    ],
)
def test_limits_come_in_every_form(world: World, fault: str, status: int, header: str) -> None:
    arm(world, fault, seconds=7)
    with world.api() as api:
        answer = api.get(world.home)

    told = [name for name in ("retry-after", "x-ratelimit-reset") if name in answer.headers]
    assert (answer.status_code, told) == (status, [header] if header else [])


def test_git_is_down_while_the_api_is_not(world: World) -> None:
    arm(world, "git-503")
    with world.api() as api:
        assert api.get(world.home).status_code == 200

    assert "503" in git(world.folder, "ls-remote", world.remote(), check=False).stderr


def test_a_slow_call_runs_into_the_clients_patience(world: World) -> None:
    arm(world, "slow", seconds=5)
    with world.api() as api, pytest.raises(httpx.ReadTimeout):
        api.get(world.home, timeout=0.2)


def test_a_fault_can_be_narrowed_and_all_are_listed_and_cleared(world: World) -> None:
    faults = f"{world.url}/sandbox/faults"
    http.post(faults, json={"fault": "status-503", "method": "POST", "path": "/pulls"})
    with world.api() as api:
        assert api.get("/pulls").status_code == 200
        assert [api.post("/pulls", json={}).status_code for _ in range(2)] == [503, 503]
    assert [fault["path"] for fault in http.get(faults).json()["faults"]] == ["/pulls"]

    assert http.delete(faults).json() == {"faults": []}


@pytest.mark.parametrize("wanted", [{"fault": "no-such"}, {"fault": "slow", "colour": "red"}, {}])
def test_an_unknown_fault_is_refused_with_the_known_ones(world: World, wanted: dict[str, str]) -> None:
    answer = http.post(f"{world.url}/sandbox/faults", json=wanted)

    assert answer.status_code == 400
    assert http.get(f"{world.url}/sandbox/faults").json() == {"faults": []}
