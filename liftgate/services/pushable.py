"""Which refs the worker's access may move, and to what: commits that its own key signed, through an open gate."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.approval import gate as rules
from liftgate.domain.commits import commit_object, signature
from liftgate.domain.promotion.attempt import PREVIEWS, PROPOSALS, proposal_branch
from liftgate.domain.promotion.message import ENVIRONMENT, is_rollback
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.git.history import Change
from liftgate.integrations.ledger.git_branch import REF as LEDGER
from liftgate.services.pauses import pause_commits
from liftgate.services.signable_commit import Ports, gate_context, plan_of, read_unsigned, run_of
from liftgate.services.signable_entry import own_signer

_NAME: Final = re.compile("[A-Za-z0-9/._-]+")
_OURS: Final = tuple(f"refs/heads/{prefix}" for prefix in (PROPOSALS, PREVIEWS))


def check_push(at: Ports, sha: str, ref: str, expected: str) -> None:
    """Raises Refused for any other ref, commit or parent; Unavailable while promotions are paused."""
    if ref == LEDGER and sha in pause_commits(at, at.author, expected):
        return
    commit = _signed(at, sha)
    is_change = ENVIRONMENT in commit.trailers
    if ref.startswith(_OURS) and is_change:
        if ref.removeprefix("refs/heads/") not in (proposal_branch(commit.promotion), PREVIEWS + commit.promotion):
            raise Refused(f"{ref} is not a branch of promotion {commit.promotion}")
        return
    if ref not in (at.git.ref, LEDGER) or is_change != (ref == at.git.ref):
        raise Refused(f"the worker does not push this commit to {ref}")
    if list(commit.parents) != ([expected] if expected else []):
        raise Refused(f"the commit does not follow the one that is expected at {ref}")
    if is_change:
        check_gate(at, commit)


def check_removal(ref: str) -> None:
    """Raises Refused for any branch but those of proposals and previews, and for what is not just the name of one."""
    if not (ref.startswith(_OURS) and _NAME.fullmatch(ref)):
        raise Refused(f"the worker does not remove {ref}")


def check_merge(at: Ports, sha: str) -> None:
    """Raises Refused for a proposal whose gate is not open."""
    commit = _signed(at, sha)
    if ENVIRONMENT not in commit.trailers:
        raise Refused("it is no commit of a promotion")
    check_gate(at, commit)


def check_gate(at: Ports, commit: Change) -> None:
    """Argo CD's sync windows are the flow's to ask: they say when, and not what. A rollback waits for no gate."""
    if is_rollback(commit.trailers):
        return
    run, before = run_of(at, commit), at.tree(commit.parents[0])
    decision = rules.decide(context := gate_context(at, before, run, plan_of(at, run, commit)))
    if decision.opens:
        return
    said = f"the gate of {commit.promotion} is not open: {decision.reason}"
    only_paused = context.pause and rules.decide(context.copy_with(pause=None)).opens
    raise Unavailable(said) if only_paused else Refused(said)


def _signed(at: Ports, sha: str) -> Change:
    """Raises Refused unless this worker's own key signed it, which it does only after its checks."""
    raw = at.git.objects([sha])[0] if at.git.resolve(sha) == sha else None
    read = commit_object.read_commit_object(raw or b"")
    if not read.is_signed_by((own_signer(at, signature.COMMITS),)):
        raise Refused(f"{sha[:12]} is no commit that this worker signed")
    return read_unsigned(at, read.signed)[0]
