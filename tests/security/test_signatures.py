"""A promotion out of commits that are not signed: refused where the policy requires signatures, else told."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from liftgate.domain.approval.gate import Decision
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as FILE
from liftgate.errors import Refused
from liftgate.services import approvals
from tests.examples import ALLOWED_SIGNERS, NOW, text, values
from tests.integrations.git.test_commit_signatures import ADA, MALLORY, PEOPLE, Branch, branch, line
from tests.lab import configured
from tests.server.world import World
from tests.services.course import Course
from tests.services.test_judged_commits import BASE, KEYS
from tests.services.walk import OPEN, Walk, page, walk

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

__all__ = ["branch"]
AGAIN = "git rebase --exec 'git commit --amend --no-edit -S'"


def commit(world: World, files: Mapping[str, bytes | None], key: PrivateKey | None = None) -> str:
    """As the key's owner commits it with git, pushed to the main branch."""
    there = world.lab.remote
    sha = world.lab.push(there.write(there.head, files, "A change\n", NOW, PEOPLE[key], key))
    world.at.git.fetch()
    return sha


def base(version: str) -> dict[str, bytes | None]:
    return {BASE: text(values("base", version))}


def asks(world: World, rule: str | None, keys: bytes = KEYS) -> None:
    """Of dev; the commit itself brings ada's key."""
    policy: dict[str, Any] = {"start": "manual"} | ({"signatures": rule} if rule else {})
    start = {"start": "manual"}
    written = configured(world.lab, policy={"dev": policy, "staging": start, "prod": start})
    commit(world, {FILE: keys, "liftgate.json": text(written)}, ADA)


def gate(run: Walk) -> Decision:
    change = run.begin()
    return approvals.gate(run.at, change, run.plan(change))


@pytest.fixture
def required(deployed: World) -> Course:
    """1.4.2 and 1.4.3 were promoted to dev, which requires signatures."""
    course = Course(deployed.lab, deployed.worker)
    asks(deployed, "required")
    course.past("1.4.2")
    course.past("1.4.3")
    return course


def test_an_unsigned_commit_is_refused_and_a_rollback_is_not(deployed: World, required: Course) -> None:
    """Also for a run that says its gate is open: the signer process judges again."""
    good, bad = commit(deployed, base("1.4.4"), ADA), commit(deployed, base("1.4.5"))
    commit(deployed, {"configs/dev/notes.md": b"by hand\n"}, ADA)
    run = walk(deployed, to="dev")
    change = run.begin()
    plan = run.plan(change)
    decision = approvals.gate(run.at, change, plan)
    assert decision.state == "refused"
    assert f"1 of 3 commits is not validly signed: {bad[:12]} by Tom <tom@example.com>: not signed" in decision.reason
    assert good[:12] not in decision.reason
    assert f"{AGAIN} {bad[:12]}^" in decision.reason
    with pytest.raises(Refused, match="is not open: 1 of 3 commits is not validly signed"):
        run.commit(change, plan, OPEN)
    commit(deployed, {"configs/dev/notes.md": b"by hand too\n"})
    assert gate(walk(deployed, "update", environment="dev", changes={"/application/x": 1})).state == "refused"
    done = required.back(required.begin_back(required.start("rollback", environment="dev")))
    assert (done.outcome, deployed.lab.version("dev")) == ("verified", "1.4.2")


def test_signed_commits_are_promoted(deployed: World, required: Course) -> None:
    commit(deployed, base("1.4.4"), ADA)
    run = walk(deployed, to="dev", at=required.at)
    change = run.begin()
    plan = run.plan(change)
    assert run.commit(change, plan, approvals.gate(run.at, change, plan)).revision
    assert deployed.lab.version("dev") == "1.4.4"


def test_reported_is_a_notice(deployed: World) -> None:
    """Without a word in the policy too, as soon as a person has a key."""
    for written in ("reported", None):
        asks(deployed, written)
        commit(deployed, base("1.4.3"))
        run = walk(deployed, to="dev")
        assert gate(run).opens
        shown = html.unescape(page(deployed, run.run))
        assert "not validly signed" in shown
        assert "This stops nothing, because policy.dev.signatures is not required" in shown
    asks(deployed, None, ALLOWED_SIGNERS.encode())
    assert "<dt>Signatures" not in page(deployed, walk(deployed, to="dev").run)


def test_no_branch_brings_the_key_that_proves_its_commits(branch: Branch) -> None:
    start = branch.head
    brings = branch.commit({FILE: line(ADA) + line(MALLORY)}, MALLORY, on=start)
    uses = branch.commit({"values.json": b"1"}, MALLORY, on=brings)
    assert branch.states(brings, uses) == ["unknown key"] * 2, "it did not come yet"
    branch.merge(uses)
    assert branch.states(brings, uses) == ["unknown key"] * 2
    after = branch.commit({"values.json": b"2"}, MALLORY)
    assert branch.states(after) == ["signed"]


def test_a_branch_from_before_a_key_was_removed_does_not_bring_it_back(branch: Branch) -> None:
    """A thief of an old key begins a branch where it still counted."""
    start = branch.head
    before = branch.commit({"values.json": b"1"}, ADA)
    branch.commit({FILE: line(MALLORY)}, ADA)
    stolen = branch.commit({"more.json": b"2"}, ADA, on=start)
    assert branch.states(stolen) == ["unknown key"]
    branch.merge(stolen)
    assert branch.states(stolen, before) == ["unknown key", "signed"], "what came before stays valid"


def test_a_merge_with_its_parents_exchanged_does_not_bring_a_removed_key_back(branch: Branch) -> None:
    """A thief of an old key pushes a merge whose first parent is the thief's own branch: git takes it for main."""
    start = branch.head
    promoted = branch.commit({FILE: line(MALLORY)}, ADA)
    stolen = branch.commit({"more.json": b"2"}, ADA, on=start)
    main, branch.head = branch.head, stolen
    merge = branch.merge(main)
    assert branch.states(stolen, merge, base=promoted) == ["unknown key", "clean merge"]
    after = branch.commit({"values.json": b"3"}, MALLORY)
    assert branch.states(stolen, after, base=promoted) == ["unknown key", "signed"]
