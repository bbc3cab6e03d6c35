"""Whose votes count: never the requester's, never an author's; and what is said when too few people are left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.ballot import Ballot, approvers, may_vote, needed, too_few, waiting_for
from liftgate.domain.approval.gate import decide
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.approval.requester import Requester
from tests.domain.approval.test_gate import gate_context, names, requesters, vote, votes

ROSA = Requester(name="rosa", proof="server")
rules = some.builds(
    lambda count, people, author: Approvals.model_validate({"needed": count, "from": people, "author": author}),
    some.integers(0, 3),
    some.lists(names, unique=True, max_size=4),
    some.sampled_from(["refused", "allowed"]),
)
authors = some.builds(Authors, people=some.lists(names, unique=True, max_size=4).map(tuple))


def rule(needed: int, *people: str, author: str = "refused") -> Approvals:
    return Approvals.model_validate({"needed": needed, "from": people, "author": author})


def ballot(approvals: Approvals, *wrote: str, requester: Requester = ROSA) -> Ballot:
    return Ballot(approvals=approvals, requester=requester, authors=Authors(people=wrote))


@given(rules, requesters, authors, votes)
def test_no_author_and_no_proven_requester_opens_a_gate(
    rule: Approvals, requester: Requester, authors: Authors, cast: list[tuple[str, str]]
) -> None:
    context = gate_context(rule, requester, cast).copy_with(authors=authors)
    decision = decide(context)
    barred = set(authors.people) if rule.author == "refused" else set()
    if requester.proven and not (rule.author == "allowed" and len(rule.people) == 1):
        barred.add(requester.name)
    approved = {name for name, what in cast if what == "approve"} - barred
    assert not barred & set(decision.approved_by)
    if decision.opens:
        assert len(approved) >= needed(context.ballot)


@given(rules, requesters, authors, some.lists(names, unique=True))
def test_too_few_is_said_exactly_where_all_together_cannot_open_it(
    rule: Approvals, requester: Requester, authors: Authors, others: list[str]
) -> None:
    """If all in the list approve it, it opens; if it said that there are too few, it is refused at once."""
    everyone = [(name, "approve") for name in {*rule.people, *others}]
    context = gate_context(rule, requester, []).copy_with(authors=authors)
    short = too_few("prod", context.ballot)
    all_in = decide(gate_context(rule, requester, everyone).copy_with(authors=authors))
    if rule.people:
        assert all_in.opens == (not short)
    assert (decide(context).state == "refused") == bool(short)


@given(rules, requesters, authors)
def test_who_is_named_may_vote(rule: Approvals, requester: Requester, authors: Authors) -> None:
    this = Ballot(approvals=rule, requester=requester, authors=authors)
    said = waiting_for(1, this).partition("; written by")[0]
    assert [name for name in rule.people if name in said] == [n for n in rule.people if may_vote(n, this).passed]


def test_the_sentence_names_who_may_and_who_wrote() -> None:
    this = Ballot(
        approvals=rule(1, "ada", "grace", "rosa"), requester=ROSA,
        authors=Authors(people=("ada",), unknown=("Tom <t@x>", "b", "c", "d", "e")),
    )  # fmt: skip
    assert waiting_for(1, this) == (
        "needs 1 approval: grace; written by ada, Tom <t@x> (not in people), b (not in people), c (not in people) "
        "and 2 more"
    )
    assert waiting_for(2, ballot(rule(2), "ada")) == (
        "needs 2 approvals: anyone but the requester and the authors; written by ada"
    )


@pytest.mark.parametrize(
    ("this", "said"),
    [
        (ballot(rule(1, "ada", "grace")), ""),
        (ballot(rule(1, "ada", "grace"), "ada"), ""),
        (
            ballot(rule(1, "ada"), "ada"),
            (
                "it needs 1 approval, and no person in the list may approve this (written by ada; requested by rosa): "
                'add people to policy.prod.approvals.from or set policy.prod.approvals.author to "allowed"'
            ),
        ),
        (
            ballot(rule(2, "ada", "rosa")),
            (
                "it needs 2 approvals, and only ada may approve this (requested by rosa): "
                "add people to policy.prod.approvals.from"
            ),
        ),
        (
            ballot(rule(1, "ada"), requester=Requester(name="rosa")),
            (
                "it needs 2 approvals, and only ada may approve this (requested by rosa (claimed)): add people to "
                "policy.prod.approvals.from or start it signed in, so that Liftgate can prove who requested it"
            ),
        ),
        (ballot(rule(1, "rosa", author="allowed")), ""),
        (ballot(rule(1), "ada"), ""),
        (ballot(rule(1), "ada").copy_with(known=("ada", "rosa", "grace")), ""),
        (
            ballot(rule(1), "ada").copy_with(known=("ada", "rosa")),
            (
                "it needs 1 approval, and no person in the list may approve this (written by ada; requested by rosa): "
                'add people to people or set policy.prod.approvals.author to "allowed"'
            ),
        ),
    ],
)
def test_too_few_people_and_the_way_out(this: Ballot, said: str) -> None:
    assert too_few("prod", this) == said


def test_allowed_authors_count_and_the_requester_only_where_alone() -> None:
    two = ballot(rule(1, "ada", "rosa", author="allowed"), "ada", "rosa")
    assert [may_vote(name, two).passed for name in ("ada", "rosa")] == [True, False]
    assert may_vote("rosa", ballot(rule(1, "rosa", author="allowed"), "rosa")).passed
    assert not may_vote("rosa", ballot(rule(1, author="allowed"), "rosa")).passed
    assert approvers((), two) == ()


def test_an_unknown_author_is_reported_or_refused() -> None:
    context = gate_context(rule(1, "ada"), ROSA, [("ada", "approve")])
    context = context.copy_with(authors=Authors(unknown=("Tom <t@x>",)))
    assert decide(context).opens
    refused = decide(context.copy_with(policy=Policy(approvals=rule(1, "ada"), unknown_author="refuse")))
    assert (refused.state, refused.reason) == (
        "refused",
        (
            "Tom <t@x> wrote a part of this and is not in people; add the e-mail address to people, or set "
            'policy.prod.unknown_author to "report"'
        ),
    )


def test_only_an_approval_makes_an_approver() -> None:
    cast = (vote("ada"), vote("grace", "reject"), vote("rosa"))
    assert approvers(cast, ballot(rule(1))) == ("ada",)
    opened = decide(gate_context(rule(1), ROSA, [("ada", "approve"), ("rosa", "approve")]))
    assert (opened.state, opened.reason, opened.approved_by) == ("open", "approved by ada", ("ada",))


def test_the_sentences_name_all_who_may_and_why_one_more_is_needed() -> None:
    assert may_vote("tom", ballot(rule(1, "ada", "grace"))).reason == "tom may not decide here; ada, grace may"
    assert waiting_for(2, ballot(rule(1), requester=Requester(name="rosa"))) == (
        "needs 2 approvals: anyone but the requester (1 more, because Liftgate cannot prove who requested this)"
    )
    assert waiting_for(1, ballot(rule(1, author="allowed"), "ada")) == (
        "needs 1 approval: anyone but the requester; written by ada"
    )
