"""What the signatures of several commits mean under a policy, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from liftgate.domain.commits.commit_signature import VALID, State
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.common.words import in_words

Rule = Literal["required", "reported"]
SHOWN: Final = 3
"""Commits without a valid signature that a sentence names."""
SIGN_AGAIN: Final = "git rebase --exec 'git commit --amend --no-edit -S' {before}^"
SIGN_NEWEST: Final = "git commit --amend --no-edit -S"


class JudgedCommit(Value):
    commit: str
    author: str
    """As the commit names the author; nothing proves it."""
    when: datetime
    """The committer's date, as the commit says it."""
    state: State
    signer: str = ""
    """The principal in `.liftgate/allowed_signers` whose key made the signature; empty if no known key did."""
    reason: str

    @property
    def is_valid(self) -> bool:
        return self.state in VALID

    def __str__(self) -> str:
        return f"{self.commit[:12]} by {self.author}: {self.reason}"


def signatures_verdict(commits: Sequence[JudgedCommit], rule: Rule, environment: str) -> Verdict:
    """Failed only where signatures are required. `commits` are newest first."""
    bad = [each for each in commits if not each.is_valid]
    if not bad:
        return passed(_all_signed(commits))
    said = not_signed(commits)
    key = f"policy.{environment}.signatures"
    if rule == "reported":
        return passed(f"{said}. This stops nothing, because {key} is not required")
    again = SIGN_NEWEST if len(commits) == 1 else SIGN_AGAIN.format(before=bad[-1].commit[:12])
    return failed(
        f"{said}. Sign them before they are merged: {again}. For commits that are merged already: review them, and set "
        f'{key} to "reported" until they are promoted'
    )


def not_signed(commits: Sequence[JudgedCommit]) -> str:
    """Which are not validly signed, and why; empty if all are. `commits` are newest first."""
    bad = [each for each in commits if not each.is_valid]
    if not bad:
        return ""
    verb = "is" if len(bad) == 1 else "are"
    total = "the only commit is" if len(commits) == 1 else f"{len(bad)} of {len(commits)} commits {verb}"
    named = [str(each) for each in bad[:SHOWN]] + ([f"and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else [])
    return f"{total} not validly signed: {'; '.join(named)}"


def _all_signed(commits: Sequence[JudgedCommit]) -> str:
    if not commits:
        return "no commit to check since the last promotion"
    names = dict.fromkeys(each.signer for each in commits if each.signer)
    by = f" by {in_words(names)}" if names else ""
    return f"the only commit is signed{by}" if len(commits) == 1 else f"all {len(commits)} commits are signed{by}"
