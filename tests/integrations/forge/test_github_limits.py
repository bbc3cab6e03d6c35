"""GitHub's rate limits, and what keeps calls from counting: what did not change, and one list for all that wait."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.forge.github_limits import Limits
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import ask, calls, made
from tests.integrations.forge.test_contract import BRANCH, fault, propose, pushed

LIMITED = ("rate-limited", "rate-limited-until", "rate-limit-used-up", "rate-limit-used-up-429")


@pytest.mark.parametrize("kind", LIMITED)
def test_a_rate_limit_says_when_the_next_try_is(hosted: Hosted, forge: GitHub, kind: str) -> None:
    fault(hosted, kind, seconds=40)
    with pytest.raises(Unavailable, match="rate limit") as told:
        forge.find(BRANCH, "main")
    assert told.value.retry_after is not None
    assert 30 < told.value.retry_after <= 41


def test_a_limit_without_a_time_is_a_minute(hosted: Hosted, forge: GitHub) -> None:
    fault(hosted, "rate-limited-in-words")
    with pytest.raises(Unavailable) as told:
        forge.find(BRANCH, "main")
    assert told.value.retry_after == 60


def test_nothing_is_asked_while_a_limit_holds_by_no_process_of_the_installation(hosted: Hosted, tmp_path: Path) -> None:
    worker, server = made(hosted, memory=tmp_path), made(hosted, memory=tmp_path)
    fault(hosted, "rate-limited", seconds=40)
    with pytest.raises(Unavailable):
        worker.find(BRANCH, "main")
    for each in (worker, server):
        with pytest.raises(Unavailable) as told:
            each.find(BRANCH, "main")
        assert told.value.retry_after is not None
        assert 30 < told.value.retry_after <= 40
    assert calls(hosted) == 0
    assert made(hosted, memory=tmp_path, token=hosted.tokens["ada"]).find(BRANCH, "main") is None, "its own limit"


def test_a_limit_in_a_merge_is_told_with_its_time(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "rate-limited", seconds=40, path="/merge")
    with pytest.raises(Unavailable) as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after is not None


@pytest.mark.parametrize("text", ["garbage", "1e400", "nan", ""])
def test_a_memory_that_cannot_be_read_limits_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    assert Limits(tmp_path / "x").left() == 0.0
    (tmp_path / "x").write_text(repr(time.time() + 10**9))
    assert Limits(tmp_path / "x").left() == 0.0, "no limit lasts so long"


def test_what_did_not_change_costs_nothing(hosted: Hosted, forge: GitHub) -> None:
    pushed(hosted)
    propose(forge)
    forge.reviewed(BRANCH, "main")
    before = calls(hosted)
    for _ in range(3):
        assert forge.reviewed(BRANCH, "main") is not None
        assert forge.merge_problem("main") == ""
    assert calls(hosted) - before == 2, "the repository and its rules, once each"


def a_minute_later(forge: GitHub) -> None:
    waiting = forge._waiting
    waiting._open = {base: (asked - 60, listed) for base, (asked, listed) in waiting._open.items()}
    waiting._seen = {name: each._replace(asked=each.asked - 60) for name, each in waiting._seen.items()}


def test_one_list_does_for_all_that_wait(hosted: Hosted, forge: GitHub) -> None:
    """The pull requests were changed some time ago; then only what is new is read."""
    head = pushed(hosted)
    branches = [f"liftgate/promotions/{number}" for number in range(6)]
    for branch in branches:
        hosted.forge.bare("shop/config").update_ref(f"refs/heads/{branch}", head)
        forge.propose(branch=branch, base="main", title="T", body="b")
    pulls = hosted.forge.store.edit("shop/config").pulls
    old = tuple(pull.model_copy(update={"updated_at": "2026-01-01T00:00:00Z"}) for pull in pulls)
    hosted.forge.store.edit("shop/config", pulls=old)
    server = made(hosted)
    for branch in branches:
        assert server.reviewed(branch, "main", within=30) is not None
    a_minute_later(server)
    before = calls(hosted)
    for branch in branches:
        found = server.reviewed(branch, "main", within=30)
        assert found is not None
        assert found.reviews == ()
    assert calls(hosted) == before, "the list did not change"
    ask(hosted, "ada", "POST", f"/pulls/{pulls[2].number}/reviews", event="APPROVE")
    a_minute_later(server)
    given = [server.reviewed(name, "main", within=30) for name in branches]
    states = [[review.state for review in each.reviews] if each else None for each in given]
    assert states == [[], [], ["approved"], [], [], []]
    assert calls(hosted) - before <= 4, "the list, and what changed"
