"""A sentence about many commits: how many are not signed, which, and what to do."""

from __future__ import annotations

import pytest

from liftgate.domain.commits.commit_signature import State
from liftgate.domain.commits.judged_commit import JudgedCommit, signatures_verdict
from tests.examples import NOW


def judged(number: int, state: State = "not signed", signer: str = "") -> JudgedCommit:
    return JudgedCommit(
        commit=f"{number:012x}{0:028x}", author="Tom <tom@x>", when=NOW, state=state, signer=signer, reason=state
    )


ADA, GRACE = judged(1, "signed", "ada@example.com"), judged(2, "signed", "grace@example.com")


@pytest.mark.parametrize("rule", ["required", "reported"])
def test_nothing_to_check_and_all_signed_pass(rule: str) -> None:
    cases = {
        (): "no commit to check since the last promotion",
        (ADA,): "the only commit is signed by ada@example.com",
        (ADA, GRACE, ADA): "all 3 commits are signed by ada@example.com and grace@example.com",
        (judged(3, "clean merge"),): "the only commit is signed",
    }
    for commits, reason in cases.items():
        verdict = signatures_verdict(commits, rule, "prod")  # type: ignore[arg-type]
        assert (verdict.state, verdict.reason) == ("passed", reason)


def test_required_refuses_with_the_commits_and_the_commands() -> None:
    verdict = signatures_verdict((judged(3), ADA), "required", "prod")
    assert verdict.failed
    assert verdict.reason == (
        "1 of 2 commits is not validly signed: 000000000003 by Tom <tom@x>: not signed. Sign them before they are "
        "merged: git rebase --exec 'git commit --amend --no-edit -S' 000000000003^. For commits that are merged "
        'already: review them, and set policy.prod.signatures to "reported" until they are promoted'
    )


def test_the_only_commit_is_amended() -> None:
    verdict = signatures_verdict((judged(3),), "required", "prod")
    assert "the only commit is not validly signed" in verdict.reason
    assert "merged: git commit --amend --no-edit -S. For" in verdict.reason


def test_reported_stops_nothing_and_says_so() -> None:
    verdict = signatures_verdict((judged(3, "unknown key"),), "reported", "dev")
    assert verdict.passed
    assert verdict.reason == (
        "the only commit is not validly signed: 000000000003 by Tom <tom@x>: unknown key. This stops nothing, because "
        "policy.dev.signatures is not required"
    )


def test_a_long_list_is_cut_and_counted() -> None:
    verdict = signatures_verdict([judged(each) for each in range(1000)], "required", "prod")
    assert "1000 of 1000 commits are not validly signed" in verdict.reason
    assert "; and 997 more. " in verdict.reason
    assert f" {999:012x}^. " in verdict.reason
    assert len(verdict.reason) < 600
