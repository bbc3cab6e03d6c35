"""Everyone who may push can write any commit: which one stands for a promotion, and whose approvals it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from liftgate_sandbox.town import REPOSITORY

from liftgate.domain.commits import signature
from liftgate.domain.promotion.attempt import proposal_branch
from liftgate.domain.promotion.message import APPROVED
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.services import proposals
from tests.examples import ALLOWED_SIGNERS, NOW, text, values
from tests.integrations.conftest import AUTHOR
from tests.server.conftest import running
from tests.server.world import World
from tests.services.conftest import deployed
from tests.services.walk import BY_PULL_REQUEST, Walk, gated, walk

if TYPE_CHECKING:
    from liftgate.domain.planning.plan import Plan
    from liftgate.domain.promotion.attempt import GatedChange

__all__ = ["deployed", "running"]
VALUES = "configs/dev/values.json"
PERSON = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
"""The key of a person who signs their own commits."""


def proposed(world: World) -> tuple[Walk, GatedChange, Plan, str]:
    """A promotion that is proposed as a pull request, and the proposed commit."""
    gated(world, deliver=BY_PULL_REQUEST)
    run = walk(world, by="rosa", to="dev")
    change = run.begin()
    plan = run.plan(change)
    pull = proposals.propose(run.at, change, plan)
    assert pull is not None
    return run, change, plan, pull.head


def merge(run: Walk, proposal: str, head: str, changes: dict[str, bytes | None]) -> str:
    """A person's merge of the proposal, with these files changed besides; on no branch yet."""
    git = run.at.git
    file = git.file(proposal, VALUES)
    assert file is not None
    tree = git.tree_with(head, {VALUES: file.data} | changes)
    return git.commit_tree(tree, [head, proposal], git.log(proposal, limit=1)[0].message, NOW, AUTHOR, None)


def stands(run: Walk, head: str) -> str:
    """The commit that stands for the promotion in the history of `head`."""
    found = find_promotion_commit(run.at.git, head, run.run)
    return found.sha if found else ""


def test_a_merge_that_changes_anything_else_than_our_proposal_stands_for_nothing(deployed: World) -> None:
    run, _, _, proposal = proposed(deployed)
    git = run.at.git
    evil: dict[str, dict[str, bytes | None]] = {
        "a second file": {"configs/prod/values.json": text(values("prod", "6.6.6"))},
        "other values": {VALUES: text(values("dev", "6.6.6"))},
        "no change": {VALUES: text(values("dev", "1.4.1"))},
        "a file of ours removed": {"liftgate.json": None},
    }
    for what, changes in evil.items():
        assert stands(run, merge(run, proposal, git.head, changes)) == "", what
    later = git.write(git.head, {"README.md": b"by hand\n"}, "by hand\n", NOW, AUTHOR, None)
    good = merge(run, proposal, later, {})
    assert stands(run, good) == good
    again = merge(run, proposal, good, {})
    assert stands(run, again) == good, "a second merge of it changes nothing"


def test_a_merge_over_values_that_changed_since_stands_for_nothing(deployed: World) -> None:
    """Git merges both changes, and the result is what no person approved."""
    run, _, _, proposal = proposed(deployed)
    git = run.at.git
    changed = {VALUES: text(values("dev") | {"note": "by hand"})}
    head = git.write(git.head, changed, "by hand\n", NOW, AUTHOR, None)
    tree = git.merged_tree(head, proposal)
    assert tree
    message = git.log(proposal, limit=1)[0].message
    assert stands(run, git.commit_tree(tree, [head, proposal], message, NOW, AUTHOR, None)) == ""


def test_a_merged_pull_request_that_does_not_fit_the_plan_is_refused_by_name(deployed: World) -> None:
    run, change, plan, proposal = proposed(deployed)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    head = run.at.git.fetch()
    evil = merge(run, proposal, head, {VALUES: text(values("dev", "1.4.1"))})
    assert deployed.at.git.push(evil, run.at.git.ref, head) == "pushed"  # nothing checks what a person pushes
    with pytest.raises(Refused, match=rf"#\d+ was merged, but not as the plan says: commit {evil[:12]}"):
        run.commit(change, plan)


def test_a_copy_of_our_commit_and_its_trailers_alone_stand_for_nothing(deployed: World) -> None:
    """The repository may allow people's own keys for their commits."""
    line = signature.allowed_line("ada@example.com", (signature.COMMITS,), signature.public_bytes(PERSON))
    deployed.lab.commit({".liftgate/allowed_signers": f"{ALLOWED_SIGNERS}{line}\n".encode()})
    run, _, _, proposal = proposed(deployed)
    git = run.at.git
    message = git.log(proposal, limit=1)[0].message.rstrip("\n") + f"\n{APPROVED}: grace\n"
    wanted = {VALUES: text(values("dev", "1.4.2"))}
    for files, key in ((wanted, PERSON), (wanted, None), ({}, PERSON), ({}, None)):
        assert stands(run, git.write(git.head, dict(files), message, NOW, AUTHOR, key)) == ""
    assert git.resolve(f"refs/heads/{proposal_branch(run.run)}") == proposal


def test_where_the_forge_allows_only_squash_or_rebase_a_promotion_does_not_begin(deployed: World) -> None:
    """They keep no signature, so nothing would stand for it."""
    deployed.lab.town.forge.allow_merges(REPOSITORY, "squash", "rebase")
    with pytest.raises(Misconfigured, match=r"needs merge commits.*allow_merge_commit"):
        proposed(deployed)
