"""The GitHub adapter against the sandbox forge: proposing once, merging at the expected head, lost answers."""

from __future__ import annotations

import pytest

from liftgate.domain.message import read_trailers
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.forge.github import GitHub
from liftgate.sandbox.forge import Protection
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted
from tests.plain import http

BRANCH = "liftgate/promotions/one"
PATH = "configs/prod/values.json"


def adapter(hosted: Hosted, who: str = "liftgate-bot") -> GitHub:
    return GitHub(f"{hosted.url}/api/v3", "shop/config", hosted.tokens[who])


def pushed(hosted: Hosted, data: bytes = b'{"new": 1}\n', expected: str = "") -> str:
    mirror = hosted.mirror("proposer")
    sha = mirror.write(mirror.fetch(), {PATH: data}, "Propose\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, f"refs/heads/{BRANCH}", expected) == "pushed"
    return sha


def fault(hosted: Hosted, name: str, **more: object) -> None:
    http.post(f"{hosted.url}/sandbox/faults", json={"fault": name, "times": 1} | more).raise_for_status()


def propose(forge: GitHub) -> int:
    return forge.propose(branch=BRANCH, base="main", title="example-app → prod", body="the plan").number


def test_proposing_twice_is_one_pull_request(hosted: Hosted) -> None:
    pushed(hosted)
    forge = adapter(hosted)
    assert propose(forge) == propose(forge)


def test_it_is_merged_at_the_expected_head_by_a_commit_with_two_parents(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    merged = forge.merge(propose(forge), head=head, title="T", message="Promotion-Id: one")
    assert merged.state == "merged"
    mirror = hosted.mirror("reader")
    assert mirror.fetch() == merged.commit
    newest = mirror.log(mirror.ref, limit=1)[0]
    assert newest.parents[1] == head
    assert read_trailers(newest.message)["Promotion-Id"] == ("one",)


def test_merging_again_finds_it_merged(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    first = forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M") == first


def test_a_lost_answer_is_settled_by_looking(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    fault(hosted, "lost-answer")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_a_head_that_moved_is_not_merged(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    pushed(hosted, b'{"sneaky": 1}\n', expected=head)
    assert forge.merge(number, head=head, title="T", message="M").state == "head moved"


def test_a_conflict_is_told_apart(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    hosted.commit({PATH: b'{"other": 2}\n'})
    assert forge.merge(number, head=head, title="T", message="M").state == "conflict"


def test_missing_reviews_are_not_ready_with_the_forges_words(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1))
    head = pushed(hosted)
    forge = adapter(hosted)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert merged.state == "not ready"
    assert "review" in merged.reason.lower()


def test_a_busy_branch_is_worth_another_try(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    fault(hosted, "merge-busy")
    with pytest.raises(Unavailable):
        forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_closing_says_why_deletes_the_branch_and_may_be_repeated(hosted: Hosted) -> None:
    pushed(hosted)
    forge = adapter(hosted)
    number = propose(forge)
    for _ in range(2):
        forge.close(number, BRANCH, "refused by grace")
    found = forge.find(BRANCH, "main")
    assert found is not None
    assert found.state == "closed"
    mirror = hosted.mirror("reader")
    mirror.fetch()
    assert mirror.resolve(f"refs/heads/{BRANCH}") == ""


def test_a_wrong_token_is_a_mistake_of_the_settings(hosted: Hosted) -> None:
    with pytest.raises(Misconfigured, match="token"):
        GitHub(f"{hosted.url}/api/v3", "shop/config", "wrong").find(BRANCH, "main")


def test_reviews_come_in_their_order_with_the_commit_they_are_of(hosted: Hosted) -> None:
    head = pushed(hosted)
    forge = adapter(hosted)
    assert forge.reviewed(BRANCH, "main") is None
    number = propose(forge)
    for who, event in (("ada", "COMMENT"), ("grace", "REQUEST_CHANGES"), ("ada", "APPROVE")):
        given = {"event": event, "body": f"{event} by {who}"}
        url = f"{hosted.url}/api/v3/repos/shop/config/pulls/{number}/reviews"
        http.post(url, json=given, headers={"Authorization": f"Bearer {hosted.tokens[who]}"}).raise_for_status()
    assert forge.reviewed(BRANCH, "main", within=60) is None, "as it was a moment ago"
    found = forge.reviewed(BRANCH, "main")
    assert found is not None
    assert [(each.login, each.state) for each in found.reviews] == [
        ("ada", "other"),
        ("grace", "changes requested"),
        ("ada", "approved"),
    ]
    assert {each.commit for each in found.reviews} == {head}
    assert found.pull.author == "liftgate-bot"
