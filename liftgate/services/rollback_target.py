"""Restores what a chosen promotion verified: its values in Git, what is rolled back with them, and what people see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger, restorable
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.plan_restore import make_restore
from liftgate.domain.planning.plan_value import document_of
from liftgate.domain.planning.release import version_of
from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.message import REVERTS, is_rollback
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change, history
from liftgate.integrations.git.repository import Repository
from liftgate.services.checks import misfits
from liftgate.services.hand_made import MOST
from liftgate.services.in_force import in_force_for_people
from liftgate.services.known_names import check_known
from liftgate.services.planning import target_paths, targets
from liftgate.services.ports import HasAuthor


class Ports(HasAuthor, Protocol):
    """What these use cases need."""


class RestorePlan(Value):
    """The way back: `files` are the values files by name, as the entry's promotion verified them, byte for byte."""

    entry: Entry
    files: dict[str, bytes]
    took_back: tuple[str, ...]
    """The promotions that it rolls back, the newest first."""
    plan: Plan
    misfits: tuple[str, ...] = ()
    """What does not fit today's schema and rules; it does not stop the rollback."""

    @property
    def seen(self) -> str:
        """Identifies what a person was shown: another commit of the values, or another promotion, changes it."""
        return digest({"plan": self.plan.hash, "to": self.entry.promotion, "took_back": list(self.took_back)})


def restore_plan(
    tree: ConfigSnapshot, entries: Sequence[Entry], application: str, environment: str, wanted: str
) -> RestorePlan:
    """At the tree's commit. `entries` are those of all applications; raises Refused with the nearest right thing."""
    check_known(tree, application, environment)
    entry = restorable.choose_entry(entries, application, environment, wanted)
    mine = ledger.entries_of(entries, application, environment)
    took_back = taken_back_by(tree, entry, mine)
    files = as_verified(tree, application, environment, entry.revision)
    if not files:
        raise Refused(f"the commit {entry.revision[:12]} of promotion {entry.promotion} has no values of {application}")
    _check_whole(tree, entry, mine)
    plan = plan_back(tree, application, environment, files)
    if plan.rows == () and not took_back:
        there = f"{environment} has the values of promotion {entry.promotion} ({entry.release_name}) already"
        raise Refused(f"{there}, and nothing came after it: nothing to do")
    return RestorePlan(entry=entry, files=files, took_back=took_back, plan=plan)


def plan_back(tree: ConfigSnapshot, application: str, environment: str, files: Mapping[str, bytes]) -> Plan:
    """From the values at the tree's commit to the files by name. Does not check the values."""
    return make_restore(
        application,
        targets=targets(tree, application, environment, files),
        wanted=files,
        version=version_of_files(tree, application, files),
        rules=lambda file: tree.rules(application, file),
    )


def version_of_files(tree: ConfigSnapshot, application: str, files: Mapping[str, bytes]) -> str:
    """For people; empty when the values have no version."""
    with suppress(LiftgateError):
        documents = (document_of(data, name).value for name, data in sorted(files.items()))
        return version_of(documents, tree.application(application).version_pointer)
    return ""


def as_verified(tree: ConfigSnapshot, application: str, environment: str, commit: str) -> dict[str, bytes]:
    """The values files at a commit by name, at the paths that its `liftgate.json` gives; empty where there is none."""
    return {name: file.data for name, file in tree.files_at(application, environment, commit).items()}


def taken_back_by(tree: ConfigSnapshot, entry: Entry, mine: Sequence[Entry]) -> tuple[str, ...]:
    """The promotions after the entry's that were not rolled back yet, the newest first."""
    _check_there(tree, entry)
    back = set(ledger.taken_back(mine))
    found = []
    for change in _touching(tree, tree.commit, mine, since=entry.revision):
        back.update(change.trailers.get(REVERTS, ()))
        identity = "" if is_rollback(change.trailers) else change.promotion or _found(mine, change.sha)
        if identity and identity not in back:
            found.append(identity)
    return tuple(found)


def taker(repository: Repository, bad: str, head: str, promotion: str) -> Change | None:
    """The newest commit after the bad one that took its promotion back."""
    later = history(repository, head, since=bad, grep=promotion)
    return next((change for change in later if promotion in change.trailers.get(REVERTS, ())), None)


def last_good(repository: Repository, before: str, mine: Sequence[Entry]) -> str:
    """The newest commit up to `before` that is verified and not taken back; empty where there is none."""
    gone = ledger.taken_back(mine)
    good = (e.revision for e in reversed(mine) if e.good and e.revision and e.promotion not in gone)
    return next((revision for revision in good if contains(repository, before, revision)), "")


def _check_there(tree: ConfigSnapshot, entry: Entry) -> None:
    repository = tree.repository
    if not repository.resolve(entry.revision) or not repository.is_ancestor(entry.revision, tree.commit):
        raise Refused(
            f"the commit {entry.revision[:12]} of promotion {entry.promotion} is not in the history of the branch here"
        )


def _check_whole(tree: ConfigSnapshot, entry: Entry, mine: Sequence[Entry]) -> None:
    """Values must not bring back a promotion that was taken back since."""
    later = _touching(tree, tree.commit, mine, since=entry.revision)
    since = {identity for change in later for identity in change.trailers.get(REVERTS, ())}
    if not since:
        return
    for change in _touching(tree, entry.revision, mine):
        inside = change.promotion or _found(mine, change.sha)
        if inside in since:
            what = f"the values of promotion {entry.promotion} have promotion {inside} in them"
            raise Refused(f"{what}, which was taken back since; choose one before that")


def _touching(tree: ConfigSnapshot, head: str, mine: Sequence[Entry], since: str = "") -> Iterator[Change]:
    """The commits that touched the environment's files, newest first, by each path that they had."""
    now = tree.paths(mine[-1].application, mine[-1].environment).values()
    earlier = (path for entry in reversed(mine) for path in entry.values_paths)
    seen: set[str] = set()
    for path in dict.fromkeys((*now, *earlier)):
        for change in history(tree.repository, head, since=since, paths=(path,)):
            if change.sha not in seen:
                seen.add(change.sha)
                yield change


def _found(mine: Sequence[Entry], sha: str) -> str:
    """The promotion that verified a person's own commit."""
    return next((e.promotion for e in mine if e.revision == sha and e.good and e.kind != "rollback"), "")


def judged(tree: ConfigSnapshot, way: RestorePlan) -> RestorePlan:
    """The plan with what today's checks say about its values."""
    found = misfits(tree, way.entry.application, way.entry.environment, way.files)
    return way.copy_with(misfits=found)


def rolled_back_tree(at: Ports, head: str, rollback: Rollback) -> str:
    """The tree to commit on the head. To take back one promotion, only its change is removed. When later changes
    overlap, or for a chosen promotion, the environment's files are restored as verified, byte for byte."""
    if rollback.undo:
        # Another rollback may have taken it back meanwhile, and may have gone back further.
        if taker(at.git, rollback.undo, head, rollback.reverts):
            return at.git.object_id(head, "")
        if merged := _without(at, head, rollback):
            return merged
    return at.git.tree_with(head, _verified_files(at.tree(head), rollback))


def _verified_files(tree: ConfigSnapshot, rollback: Rollback) -> dict[str, bytes | None]:
    """By path what was verified; None for a file that there was not."""
    good = as_verified(tree, rollback.application, rollback.environment, rollback.good)
    there = target_paths(tree, rollback.application, rollback.environment, good)
    return {path: good.get(file) for file, path in there.items()}


def paths_of(tree: ConfigSnapshot, application: str, environment: str, good: str) -> tuple[str, ...]:
    """The environment's files now, and those that it had at the commit to go back to."""
    back = as_verified(tree, application, environment, good) if good else {}
    return tuple(target_paths(tree, application, environment, back).values())


def values_back(at: Ports, head: str, rollback: Rollback) -> dict[str, bytes]:
    """The environment's files in that tree, by name."""
    return values_at(at, head, rolled_back_tree(at, head, rollback), rollback)


def values_at(at: Ports, head: str, commit: str, rollback: Rollback) -> dict[str, bytes]:
    """The environment's files at a commit or tree, by name, where `liftgate.json` at the head has them."""
    found = at.tree(head).files_in(rollback.application, rollback.environment, commit)
    return {name: file.data for name, file in found.items()}


def overlaps(at: Ports, head: str, rollback: Rollback) -> bool:
    """Whether later changes overlap with the promotion that is taken back."""
    return not _without(at, head, rollback)


def _without(at: Ports, head: str, rollback: Rollback) -> str | None:
    """None when later changes overlap with the bad one. With a person's own commit goes all that the files lost of the
    verified values before it."""
    bad = rollback.undo
    if rollback.by_hand:
        before = at.git.tree_with(bad, _verified_files(at.tree(head), rollback))
    else:
        before = at.git.object_id(at.git.resolve(f"{bad}^1"), "")
    return at.git.merged_tree(head, at.git.commit_tree(before, [bad], "undone", at.clock.now(), at.author, None))


def hand_made_change(tree: ConfigSnapshot, asked: RunRequest, mine: Sequence[Entry]) -> tuple[Change, str] | None:
    """A person's own commit, and the promotion that took it over: the named one, also before its outcome is recorded;
    else the newest that the ledger has and that was not taken back. Also under an earlier name of the application."""
    if asked.promotion:
        for _, change in zip(range(MOST), _touching_now(tree, asked), strict=False):
            for name in tree.names(asked.application):
                hand = HandMade(application=name, environment=asked.environment, commit=change.sha)
                if not change.promotion and restorable.means(asked.promotion, hand.promotion):
                    return change, hand.promotion
        return None
    gone = ledger.taken_back(mine)
    taken = [entry for entry in mine if entry.by_hand and entry.good and entry.promotion not in gone]
    here = (entry for entry in reversed(taken) if contains(tree.repository, tree.commit, entry.revision))
    return next(((find_change(tree.repository, entry.revision), entry.promotion) for entry in here), None)


def _touching_now(tree: ConfigSnapshot, asked: RunRequest) -> Iterator[Change]:
    return history(tree.repository, tree.commit, paths=tree.pathspecs(asked.application, asked.environment))


def restore_option(at: Ports, identity: str) -> RestorePlan | None:
    """At the branch as last fetched; None for an unknown id. Raises Refused for one that cannot come back."""
    tree, entries = in_force_for_people(at).latest, at.entries()
    entry = ledger.find_entry(entries, identity)
    if entry is None:
        return None
    return judged(tree, restore_plan(tree, entries, entry.application, entry.environment, identity))


def is_worth_it(at: Ports, entry: Entry) -> bool:
    """Whether its values can be restored, and differ from the current ones."""
    mine = ledger.entries_of(at.entries(entry.application), entry.application, entry.environment)
    if restorable.why_not(entry, mine):
        return False
    tree = in_force_for_people(at).latest
    name, environment = entry.application, entry.environment
    now = {file: each.data for file, each in tree.files(name, environment).items()}
    return now != as_verified(tree, name, environment, entry.revision)
