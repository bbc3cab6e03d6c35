"""The base of a three-way merge: the release that was promoted last to an environment.

It is found by application and environment, so it does not matter how files, folders or the application were renamed
since. The ledger knows every promotion whose outcome is recorded, also after the main branch was rewritten; the
trailers of signed commits know those since then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, takewhile
from typing import Final

from liftgate.domain.common import plain
from liftgate.domain.common.names import is_sha
from liftgate.domain.config.configuration import FILE
from liftgate.domain.ledger.ledger import Entry, restorable, taken_back
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, REVERTS, SOURCE, SOURCE_PATH
from liftgate.errors import Refused
from liftgate.integrations.git.authorship import contains, first_commit_of
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change, history, place_commits
from liftgate.integrations.git.main_line import check_whole_history, was_rewritten
from liftgate.integrations.git.repository import File, Repository
from liftgate.services.ports import HasBranch, HasEntries

_EARLIER: Final = 20
"""Earlier releases that are compared with one, the newest first."""


def named_entries(at: HasBranch, tree: ConfigSnapshot, name: str, environment: str) -> list[Entry]:
    """What the ledger has of the application there, also under its earlier names; oldest first."""
    found = [entry for each in tree.names(name) for entry in at.entries(each, environment)]
    return sorted(found, key=lambda entry: entry.times.finished)


def entries_for(at: HasEntries, tree: ConfigSnapshot, name: str, environment: str) -> list[Entry]:
    """What `find_base` needs of the ledger, oldest first: all of it only while nothing of the application is recorded
    there."""
    mine = [entry for each in tree.names(name) for entry in at.entries(each)]
    if not any(entry.environment == environment for entry in mine):
        return at.entries()
    return sorted(mine, key=lambda entry: entry.times.finished)


def find_base(tree: ConfigSnapshot, entries: Iterable[Entry], name: str, environment: str) -> Release | None:
    """The release of the newest promotion there that was not taken back, by its own file; None before the first one.

    `entries` are those of the application and its earlier names, at least. Raises Refused if a promotion is known
    but its release cannot be read any more, or if it has another application's name; Misconfigured for a shallow clone.
    """
    known = list(entries)
    check_whole_history(tree.repository)
    recorded = _recorded(tree, known, name, environment)
    base = _newest(tree, recorded, name, environment)
    if base is None:
        _check_not_renamed(tree, known, name, environment)
        return None
    return _release_of(tree, known, name, base) if isinstance(base, Change) else recorded_release(tree, name, base)


def base_commit(tree: ConfigSnapshot, entries: Sequence[Entry], source: str) -> str:
    """The commit after which the release at `source` began: that of the newest release which was verified there and is
    in its history, else the one that brought `liftgate.json`. `entries` are those of the environment.

    An update's source is no release that was promoted there.
    """
    promoted = [entry.source for entry in restorable(entries) if entry.kind == "promote" and entry.source]
    for earlier in promoted[::-1][:_EARLIER]:
        if contains(tree.repository, source, earlier):
            return earlier
    return first_commit_of(tree.repository, tree.commit, FILE)


def recorded_release(tree: ConfigSnapshot, name: str, entry: Entry) -> Release:
    """The release of an outcome, under the rules of the tree's commit. Raises Refused if its file is lost."""
    source = entry.source or entry.revision
    blobs = {each.source_path: (each.file, each.source_blob) for each in entry.all_files if each.source_blob}
    if blobs and (kept := _kept(tree, name, source, blobs)):
        return kept
    if not tree.repository.resolve(source):
        place = entry.environment
        raise Refused(_LOST.format(source=source, short=source[:12], promotion=entry.promotion, place=place))
    return tree.release_at(name, source, entry.source_paths)


def _kept(tree: ConfigSnapshot, name: str, source: str, blobs: Mapping[str, tuple[str, str]]) -> Release | None:
    """By the content that the ledger keeps: a name and a blob's id by path; None if it does not have all."""
    paths = tree.named_now(name, source, {path: file for path, (file, _) in blobs.items()})
    found = tree.repository.objects(blobs[path][1] for path in paths.values())
    files = [File(path=path, data=data, blob="") for path, data in zip(paths.values(), found, strict=True) if data]
    return tree.release_of(name, source, dict(zip(paths, files, strict=True))) if len(files) == len(paths) else None


def promoted_release(tree: ConfigSnapshot, entries: Iterable[Entry], name: str, commit: Change) -> Release:
    """The release that a promotion's own commit names. Raises Refused as `release_from` does."""
    return release_from(tree, entries, name, commit.trailer(SOURCE), commit.trailers.get(SOURCE_PATH, ()))


def release_from(
    tree: ConfigSnapshot, entries: Iterable[Entry], name: str, source: str, paths: Sequence[str] = ()
) -> Release:
    """The release fixed at a source commit; by the ledger if the commit is gone. `paths` are a claim: Raises Refused
    where neither `liftgate.json` nor the ledger names them, or the source is no whole SHA."""
    if source and not is_sha(source):
        raise Refused(f'"{plain.one_line(source)}" is no commit: a release is fixed at a whole SHA')
    mine = (each for each in entries if each.application in tree.names(name))
    same = [each for each in mine if each.source == source and (not paths or {*paths} == {*each.source_paths})]
    known = {path for place in tree.sources_at(name, source) for path in place.values()} if paths and not same else None
    if known is not None and (unknown := [path for path in paths if path not in known]):
        raise Refused(f"releases of {name} do not come from {', '.join(unknown)}")
    for entry in same:
        if any(each.source_blob for each in entry.all_files):
            return recorded_release(tree, name, entry)
    return tree.release_at(name, source, paths)


def source_blob(repository: Repository, entries: Iterable[Entry], source: str, path: str) -> str:
    """Id of the release's file; from the ledger if the commit is gone, empty if nothing knows it."""
    found = repository.object_id(source, path) if source and path else ""
    files = (file for each in entries if each.source == source for file in each.all_files)
    same = (file.source_blob for file in files if file.source_path == path)
    return found or next(same, "")


def _recorded(tree: ConfigSnapshot, entries: Sequence[Entry], name: str, environment: str) -> list[Entry]:
    """The outcomes of commits there, oldest first, up to the newest that the tree's commit knows of."""
    names = tree.names(name)
    mine = [e for e in entries if e.application in names and e.environment == environment and e.revision]
    found = sorted(mine, key=lambda entry: entry.times.finished)
    while found and not _counts(tree, found[-1].revision):
        found.pop()
    return found


def _counts(tree: ConfigSnapshot, revision: str) -> bool:
    here = contains(tree.repository, tree.commit, revision)
    return here or was_rewritten(tree.repository, revision, tree.commit)


def _newest(tree: ConfigSnapshot, recorded: Sequence[Entry], name: str, environment: str) -> Change | Entry | None:
    """The newest promotion that was not taken back: of those without an outcome, else of the recorded ones, else of
    older ones that the ledger does not have."""
    back = set(taken_back(recorded))
    done = {entry.revision for entry in recorded}
    last = recorded[-1].revision if recorded else ""
    since = last if last and contains(tree.repository, tree.commit, last) else ""
    new = takewhile(lambda change: change.sha not in done, _commits(tree, name, environment, since))
    if change := _standing(new, back):
        return change
    for entry in reversed(recorded):
        is_there = entry.outcome != "rolled back" and entry.promotion not in back
        if entry.kind == "promote" and is_there and not _changed_nothing(tree, entry):
            return entry
    older = (each for each in _commits(tree, name, environment, "") if each.sha not in done)
    return _standing(older, back) if since else None


def _changed_nothing(tree: ConfigSnapshot, entry: Entry) -> bool:
    """Whether it verified the commit of another promotion. That one's release stays the base: what an environment kept,
    such as under a pin, the release did not bring."""
    if entry.plan or not tree.repository.resolve(entry.revision):
        return False
    return find_change(tree.repository, entry.revision).promotion not in ("", entry.promotion)


def _commits(tree: ConfigSnapshot, name: str, environment: str, since: str) -> Iterator[Change]:
    return place_commits(tree.repository, tree.commit, tree.names(name), environment, since=since)


def _standing(changes: Iterable[Change], back: set[str]) -> Change | None:
    """The first promotion that no newer commit takes back; `back` are those that are known to be, and gets more."""
    for change in changes:
        back.update(change.trailers.get(REVERTS, ()))
        if change.trailer(SOURCE) and change.promotion not in back:
            return change
    return None


def _release_of(tree: ConfigSnapshot, entries: Sequence[Entry], name: str, change: Change) -> Release:
    """Of a commit that we signed, so that what its trailers say is true."""
    source = change.trailer(SOURCE)
    if tree.repository.resolve(source):
        return tree.release_at(name, source, change.trailers.get(SOURCE_PATH, ()))
    with suppress(Refused):
        return promoted_release(tree, entries, name, change)
    place = change.trailer(ENVIRONMENT)
    raise Refused(_LOST.format(source=source, short=source[:12], promotion=change.promotion, place=place))


def _check_not_renamed(tree: ConfigSnapshot, entries: Iterable[Entry], name: str, environment: str) -> None:
    """Raises Refused if the values there were promoted under a name that no application has or had."""
    paths = [*tree.paths(name, environment).values()]
    known = {former for each in tree.readable for former in tree.names(each)}
    promoted = (e for e in entries if e.kind == "promote" and e.revision and e.environment == environment)
    recorded = ((e.application, e.promotion) for e in promoted if {*e.values_paths} & {*paths})
    for old, promotion in chain(recorded, _promoted_at(tree, paths, environment)):
        if old not in known:
            there = ", ".join(paths)
            raise Refused(_RENAMED.format(name=name, old=old, place=environment, path=there, promotion=promotion))


def _promoted_at(tree: ConfigSnapshot, paths: Sequence[str], environment: str) -> Iterator[tuple[str, str]]:
    for change in history(tree.repository, tree.commit, paths=paths) if paths else ():
        if change.trailer(SOURCE) and change.trailer(ENVIRONMENT) == environment:
            yield change.trailer(APPLICATION), change.promotion


_LOST = (
    "the release that promotion {promotion} brought to {place} cannot be read any more: commit {source} is not in this "
    "repository, and the ledger has no copy. Without it a plan could overwrite values of {place}. Push the commit from "
    "a clone that still has it: git push origin {source}:refs/heads/liftgate/kept/{short}"
)
_RENAMED = (
    'the values in {path} were promoted to {place} for an application "{old}" (promotion {promotion}), which '
    'liftgate.json does not have any more. If {name} is its new name, write "was": "{old}" into applications.{name} of '
    "liftgate.json; if it is another application, give it another values file"
)
