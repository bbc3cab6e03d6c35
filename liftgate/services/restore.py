"""Going back to what a chosen promotion verified: its values in Git, what goes with them, and what people see of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from liftgate.domain import ledger, restore
from liftgate.domain.canonical import digest
from liftgate.domain.ledger import Entry
from liftgate.domain.message import REVERTS, is_rollback
from liftgate.domain.plain import one_line
from liftgate.domain.plan import Plan
from liftgate.domain.plan_restore import make_restore
from liftgate.domain.plan_value import document_of
from liftgate.domain.pointer import find
from liftgate.domain.promotion import Promotion
from liftgate.domain.value import Value
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git.history import Change, history
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.tree import Tree
from liftgate.services.checks import misfits
from liftgate.services.planning import target
from liftgate.services.ports import HasAuthor


class Ports(HasAuthor, Protocol):
    """What these use cases need."""


class Way(Value):
    """The way back: `data` is the values file as the entry's promotion verified it, byte for byte."""

    entry: Entry
    data: bytes
    took_back: tuple[str, ...]
    """The promotions that go with it, the newest first."""
    plan: Plan
    misfits: tuple[str, ...] = ()
    """What of the values does not fit today's schema and rules; it stops nothing."""

    @property
    def seen(self) -> str:
        """Stands for what somebody was shown: another commit of the values, or another promotion, is another one."""
        return digest({"plan": self.plan.hash, "to": self.entry.promotion, "took_back": list(self.took_back)})


def way_back(tree: Tree, entries: Sequence[Entry], application: str, environment: str, wanted: str) -> Way:
    """At the tree's commit. `entries` are everybody's; raises Refused with the nearest right thing."""
    tree.application(application)
    entry = restore.choose(entries, application, tree.environment(environment), wanted)
    mine = ledger.of(entries, application, environment)
    took_back = taken_back_by(tree, entry, mine)
    data = as_verified(tree, application, environment, entry.revision)
    if data is None:
        raise Refused(f"the commit {entry.revision[:12]} of promotion {entry.promotion} has no values of {application}")
    _check_whole(tree, entry, mine)
    plan = plan_back(tree, application, environment, data)
    if plan.rows == () and not took_back:
        there = f"{environment} has the values of promotion {entry.promotion} ({entry.version}) already"
        raise Refused(f"{there}, and nothing came after it: nothing to do")
    return Way(entry=entry, data=data, took_back=took_back, plan=plan)


def plan_back(tree: Tree, application: str, environment: str, data: bytes) -> Plan:
    """From the values at the tree's commit to `data` (empty: none). Never refuses for what the values are."""
    return make_restore(
        application,
        target=target(tree, application, environment),
        wanted=data,
        version=version_of(tree, application, environment, data),
        rules=tree.rules(application),
    )


def version_of(tree: Tree, application: str, environment: str, data: bytes) -> str:
    """For people; empty where the values do not tell."""
    with suppress(LiftgateError):
        version = find(document_of(data, tree.path(application, environment)).value, "/application/version")
        return one_line(version) if isinstance(version, str) else ""
    return ""


def as_verified(tree: Tree, application: str, environment: str, commit: str) -> bytes | None:
    """The values file at a commit, wherever its own `liftgate.json` had it; None where there is none."""
    now = tree.path(application, environment)
    with suppress(LiftgateError):
        then = Tree(tree.repository, commit).path(application, environment)
        if file := tree.repository.file(commit, then):
            return file.data
    file = tree.repository.file(commit, now)
    return file.data if file else None


def taken_back_by(tree: Tree, entry: Entry, mine: Sequence[Entry]) -> tuple[str, ...]:
    """The promotions after the entry's that nobody took back yet, the newest first."""
    _check_there(tree, entry)
    back = set(ledger.taken_back(mine))
    found = []
    for change in _after(tree, entry):
        back.update(change.trailers.get(REVERTS, ()))
        identity = "" if is_rollback(change.trailers) else change.promotion or _found(mine, change.sha)
        if identity and identity not in back:
            found.append(identity)
    return tuple(found)


def taker(repository: Repository, bad: str, head: str, path: str, promotion: str) -> Change | None:
    """The newest commit after the bad one that took its promotion back."""
    later = history(repository, head, since=bad, path=path)
    return next((change for change in later if promotion in change.trailers.get(REVERTS, ())), None)


def last_good(repository: Repository, before: str, path: str, mine: Sequence[Entry]) -> str:
    """The newest commit up to `before` that is verified and not taken back; empty where there is none."""
    gone = ledger.taken_back(mine)
    good = {e.revision for e in mine if e.good and e.revision and e.promotion not in gone}
    return next((commit.sha for commit in repository.log(before, path=path) if commit.sha in good), "")


def _check_there(tree: Tree, entry: Entry) -> None:
    repository = tree.repository
    if not repository.resolve(entry.revision) or not repository.is_ancestor(entry.revision, tree.commit):
        raise Refused(
            f"the commit {entry.revision[:12]} of promotion {entry.promotion} is not in the history of the branch here"
        )


def _check_whole(tree: Tree, entry: Entry, mine: Sequence[Entry]) -> None:
    """What was taken back since must not come back with values that had it in them."""
    since = {identity for change in _after(tree, entry) for identity in change.trailers.get(REVERTS, ())}
    if not since:
        return
    path = tree.path(entry.application, entry.environment)
    for change in history(tree.repository, entry.revision, path=path):
        inside = change.promotion or _found(mine, change.sha)
        if inside in since:
            what = f"the values of promotion {entry.promotion} have promotion {inside} in them"
            raise Refused(f"{what}, which was taken back since; choose one before that")


def _after(tree: Tree, entry: Entry) -> list[Change]:
    path = tree.path(entry.application, entry.environment)
    return list(history(tree.repository, tree.commit, since=entry.revision, path=path))


def _found(mine: Sequence[Entry], sha: str) -> str:
    """The promotion that verified a person's own commit."""
    return next((e.promotion for e in mine if e.revision == sha and e.good and e.kind != "rollback"), "")


def judged(tree: Tree, way: Way) -> Way:
    """The way back with what today's checks say of its values."""
    found = misfits(tree, way.entry.application, way.entry.environment, way.data)
    return way.model_copy(update={"misfits": found})


def tree_back(at: Ports, head: str, rollback: Promotion) -> str:
    """The tree to commit on the head. One promotion is taken out and what others added stays; where later changes
    overlap, and to go back to a chosen promotion, the environment's file is as it was verified, byte for byte."""
    if rollback.undo:
        # Another rollback may have in the meantime: a chosen one may have gone back further.
        if taker(at.git, rollback.undo, head, rollback.path, rollback.reverts):
            return at.git.object_id(head, "")
        if merged := _without(at, head, rollback.undo):
            return merged
    data = as_verified(at.tree(head), rollback.application, rollback.environment, rollback.good)
    return at.git.tree_with(head, {rollback.path: data})


def values_back(at: Ports, head: str, rollback: Promotion) -> bytes | None:
    """The environment's file in that tree; None where it goes."""
    file = at.git.file(tree_back(at, head, rollback), rollback.path)
    return file.data if file else None


def overlaps(at: Ports, head: str, rollback: Promotion) -> bool:
    """Whether later changes overlap with the promotion that is taken back."""
    return not _without(at, head, rollback.undo)


def _without(at: Ports, head: str, bad: str) -> str | None:
    """None when later changes overlap with the bad one."""
    before = at.git.object_id(at.git.resolve(f"{bad}^1"), "")
    return at.git.merged_tree(head, at.git.commit_tree(before, [bad], "undone", at.clock.now(), at.author, None))


def look(at: Ports, identity: str) -> Way | None:
    """At the branch as last fetched; None for an id nobody knows. Raises Refused for one that cannot come back."""
    tree, entries = at.latest, at.entries()
    entry = ledger.find(entries, identity)
    if entry is None:
        return None
    return judged(tree, way_back(tree, entries, entry.application, entry.environment, identity))


def is_worth_it(at: Ports, entry: Entry) -> bool:
    """Whether its values could come back, and are not those that are there."""
    mine = ledger.of(at.entries(entry.application), entry.application, entry.environment)
    if restore.why_not(entry, mine):
        return False
    tree = at.latest
    path = tree.path(entry.application, entry.environment)
    return at.git.object_id(tree.commit, path) != at.git.object_id(entry.revision, path)
