"""A pull request that was squashed or rebased is taken over like a merged one: attributed, judged and verified."""

from __future__ import annotations

from typing import Any

import pytest
from liftgate_sandbox.town import REPOSITORY

from liftgate.domain.ledger.by_hand import ByHand
from liftgate.services.by_hand import by_hand
from tests.committing import MAIN
from tests.examples import NOW, text
from tests.lab import Lab, configured
from tests.services.by_hand import ADA, GATED, approve, ask, hand_of, merge, path_of, take_over
from tests.services.course import Course

GRACE = ADA.model_copy(update={"name": "Grace Hopper", "email": "grace@example.com"})
METHODS = ["squash", "rebase"]


@pytest.fixture
def gated(course: Course) -> Course:
    """1.4.2 was promoted to dev, which needs an approval."""
    course.past("1.4.2")
    course.lab.town.forge.allow_merges(REPOSITORY, "merge", *METHODS)
    course.lab.commit({"liftgate.json": text(configured(course.lab, policy=GATED))})
    return course


def propose(lab: Lab, *authors: str) -> Any:
    """A pull request of ada with a commit of each; main goes on meanwhile, so that nothing is a fast-forward."""
    base = tip = lab.remote.resolve(MAIN)
    there = lab.json("dev")
    for number, author in enumerate(authors, 1):
        there["application"]["environment"]["configs"] |= {"cache": {"ttl": number}}
        who = {"ada": ADA, "grace": GRACE}[author]
        tip = lab.remote.write(tip, {path_of("dev"): text(there)}, f"Change {number}\n", NOW, who, None)
    assert tip != base
    lab.push(tip, "refs/heads/ada/change")
    lab.commit({"README.md": b"meanwhile\n"})
    return ask(lab, "ada", "POST", "/pulls", title="Mine", head="ada/change", base="main", body="")


def seen(course: Course, commit: str) -> ByHand:
    """What an entry of the commit will say."""
    course.at.git.fetch()
    return by_hand(course.at, hand_of(commit))


@pytest.mark.parametrize("method", METHODS)
def test_it_is_found_and_attributed_to_its_author_and_reviewers(gated: Course, method: str) -> None:
    pull = propose(gated.lab, "ada", "ada")
    approve(gated.lab, pull, "grace")
    made = merge(gated.lab, pull, by="rosa", method=method)
    entry = take_over(gated)
    assert entry.by_hand is not None
    assert (entry.revision, entry.outcome, entry.bypassed) == (made, "promoted", ())
    assert (entry.by_hand.how, entry.by_hand.by, entry.by_hand.author) == ("merged", "rosa", "ada")
    assert entry.by_hand.reviewers == ("grace",)


@pytest.mark.parametrize("method", METHODS)
def test_a_reviewer_may_be_the_one_who_merges(gated: Course, method: str) -> None:
    """A rebase makes the person who merges the committer of every commit; that does not make them its author."""
    pull = propose(gated.lab, "ada", "ada")
    approve(gated.lab, pull, "grace")
    assert seen(gated, merge(gated.lab, pull, by="grace", method=method)).bypassed == ()


@pytest.mark.parametrize("method", METHODS)
def test_a_review_of_who_wrote_a_part_of_it_is_none(gated: Course, method: str) -> None:
    pull = propose(gated.lab, "ada", "grace")
    approve(gated.lab, pull, "grace")
    (why,) = seen(gated, merge(gated.lab, pull, by="rosa", method=method)).bypassed
    assert "approval" in why
    assert "written by ada and grace" in why
