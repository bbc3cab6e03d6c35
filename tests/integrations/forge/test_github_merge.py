"""What GitHub requires before a merge is read first: checks are waited for, and what is refused has its reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from liftgate_sandbox.forge import Protection

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.forge.github import GitHub
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted
from tests.integrations.forge.github_world import ask, check, made
from tests.integrations.forge.test_contract import fault, propose, pushed


def test_a_pending_required_check_is_waited_for(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test", "lint")))
    head = pushed(hosted)
    number = propose(forge)
    check(hosted, head, "test", status="in_progress")
    with pytest.raises(Unavailable, match=r"test \(pending\), lint \(expected\)") as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after
    check(hosted, head, "test", conclusion="success")
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="lint", state="success")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_checks_that_the_token_may_not_read_are_waited_for_too(hosted: Hosted, forge: GitHub) -> None:
    """GitHub's own refusal tells then."""
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test",)))
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-allowed", path="/check-runs", times=99)
    with pytest.raises(Unavailable, match='"test" is expected') as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="test", state="failure")
    assert "test (failure)" in forge.merge(number, head=head, title="T", message="M").reason


def test_checks_that_are_not_done_by_the_deadline_end_it(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test",)))
    head = pushed(hosted)
    forge = made(hosted, deadline=0.0)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert (merged.state, "test (expected)" in merged.reason) == ("not ready", True)


def test_a_failed_required_check_refuses_with_its_name_and_link(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test", "lint")))
    head = pushed(hosted)
    check(hosted, head, "test", conclusion="failure")
    check(hosted, head, "other", conclusion="failure")
    url = "https://ci.example.com/7"
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="lint", state="error", target_url=url)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert merged.state == "not ready"
    assert "test (failure, http" in merged.reason
    assert f"lint (error, {url})" in merged.reason
    assert "other" not in merged.reason, "it is not required"


def test_a_merge_queue_is_refused_by_name(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    hosted.forge.protect("shop/config", "main", Protection(merge_queue=True))
    assert "merge queue" in forge.merge_problem("main")
    merged = forge.merge(number, head=head, title="T", message="M")
    assert (merged.state, "merge queue" in merged.reason) == ("not ready", True)


def test_reviews_that_the_rules_want_are_named(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=2))
    head = pushed(hosted)
    number = propose(forge)
    assert "needs 2 approving reviews" in forge.merge(number, head=head, title="T", message="M").reason
    ask(hosted, "grace", "POST", f"/pulls/{number}/reviews", event="REQUEST_CHANGES", body="no")
    assert "requested in a review by grace" in forge.merge(number, head=head, title="T", message="M").reason


def test_an_answer_that_it_was_not_merged_is_no_merge(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-merged")
    with pytest.raises(Unavailable, match="did not merge"):
        forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def merged_at_last(forge: GitHub, number: int, head: str) -> str:
    """The merge commit, tried again as a task does."""
    for _ in range(20):
        try:
            merged = forge.merge(number, head=head, title="T", message="M")
        except Unavailable:
            continue
        assert merged.state == "merged", merged
        return merged.commit
    raise AssertionError("never merged")


def test_one_merge_six_times_is_one_merge(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    with ThreadPoolExecutor(6) as pool:
        commits = list(pool.map(lambda _: merged_at_last(made(hosted), number, head), range(6)))
    assert len(set(commits)) == 1


def test_six_merges_at_once_all_arrive(hosted: Hosted, forge: GitHub) -> None:
    mirror = hosted.mirror("proposer")
    base = mirror.fetch()
    proposals: list[tuple[int, str]] = []
    for number in range(6):
        branch = f"liftgate/promotions/{number}"
        head = mirror.write(base, {f"{number}.json": b"{}"}, "Propose\n", NOW, AUTHOR, WORKER)
        assert mirror.push(head, f"refs/heads/{branch}", "") == "pushed"
        pull = forge.propose(branch=branch, base="main", title="T", body="b")
        proposals.append((pull.number, head))
    with ThreadPoolExecutor(6) as pool:
        commits = list(pool.map(lambda each: merged_at_last(forge, *each), proposals))
    tip = mirror.fetch()
    assert len(set(commits)) == 6
    assert all(mirror.is_ancestor(head, tip) for _, head in proposals)


def test_our_own_required_check_is_given_when_we_merge(hosted: Hosted, forge: GitHub) -> None:
    """Also by a token that may not read check runs, and only once."""
    hosted.forge.protect("shop/config", "main", Protection(contexts=("liftgate", "test")))
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-allowed", path="/check-runs", times=99)
    for _ in range(2):
        with pytest.raises(Unavailable, match='"test" is expected'):
            forge.merge(number, head=head, title="T", message="M")
    assert [each["context"] for each in ask(hosted, "ada", "GET", f"/commits/{head}/statuses")] == ["liftgate"]
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="test", state="success")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_a_token_that_may_not_set_our_check_is_told_so(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("liftgate",)))
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-allowed", path="/statuses/", times=1)
    with pytest.raises(Misconfigured, match="Commit statuses: read and write"):
        forge.merge(number, head=head, title="T", message="M")
