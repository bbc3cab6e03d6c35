"""Finds what people changed by hand: for each application and environment the newest commit of a person that has no
outcome in the ledger.

Only what came after something that the ledger knows counts: in an environment without an outcome of a commit, what is
there is the base, and nothing is taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

from liftgate.domain.common.names import is_sha
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.message import REVERTS
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, history
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.values_files import ValuesFiles
from liftgate.integrations.ledger import git_branch
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.merge_base import named_entries
from liftgate.services.ports import HasBranch


class Ports(HasBranch, Protocol):
    """What these use cases need."""


MOST: Final = 1000
"""Commits of one file that are read back to the newest one that the ledger knows."""


def find_hand_made(at: Ports) -> Iterator[HandMade]:
    """At the branch and the ledger as last fetched. Values that equal the copy of the verified ones need no look at the
    history, so that most places cost nothing."""
    tree, known = at.latest, ledger.by_place(at.entries())
    there = {
        path: blob
        for root in tree.configuration.environments.values()
        for path, blob in at.git.paths(tree.commit, root)
    }
    is_usable = not snapshot_for_people(tree).in_force.since
    tip = at.git.resolve(git_branch.REF)
    verified = dict(at.git.paths(tip, "verified")) if tip else {}
    for name in tree.readable:
        for environment in tree.configuration.order:
            named = (entry for each in tree.names(name) for entry in known[each, environment])
            mine = sorted(named, key=lambda entry: entry.times.finished)
            has_several = bool(tree.application(name).patterns)
            with suppress(LiftgateError):  # one place that cannot be read stops no other
                now = {file: there[path] for file, path in tree.paths(name, environment).items() if path in there}
                if not mine or not tree.pathspecs(name, environment):
                    continue  # the configuration has no values of the application there
                if not now and not is_usable:
                    continue  # the file that cannot be used may say where they are now
                if now and now == _copies_of(mine[-1], now, verified, has_several=has_several):
                    continue
                if commit := newest_hand_made(at.git, tree, name, environment, mine):
                    yield HandMade(application=name, environment=environment, commit=commit)


def _copies_of(entry: Entry, files: Iterable[str], verified: Mapping[str, str], *, has_several: bool) -> dict[str, str]:
    """The blob of each file's copy of the verified values, and of one that is there no more. The newest entry itself
    may name no files: it may have no commit."""
    folder = entry.verified_copy().rpartition("/")[0]
    others = (path for path in verified if has_several and path.startswith(f"{folder}/"))
    known = {file: entry.verified_copy(file) for file in files}
    gone = {path: verified[path] for path in others if path not in known.values()}
    return {file: verified.get(path, "") for file, path in known.items()} | gone


def newest_hand_made(
    repository: Repository,
    tree: ConfigSnapshot,
    application: str,
    environment: str,
    mine: Sequence[Entry],
    over: Sequence[str] = (),
) -> str:
    """The newest commit of the values if a person made it and the ledger does not know it; else empty, also while a
    promotion's commit below it has no outcome: the promotion itself sees the change. `over`: promotions that count as
    if they had one."""
    revisions, outcomes = {entry.revision for entry in _decided(mine)}, {entry.promotion for entry in mine} | {*over}
    newest = ""
    for number, change in enumerate(history(repository, tree.commit, paths=tree.pathspecs(application, environment))):
        if change.sha in revisions:
            return newest
        if change.promotion:
            return newest if change.promotion in outcomes else ""
        newest = newest or change.sha
        if number >= MOST:
            break
    is_known = any(contains(repository, tree.commit, revision) for revision in revisions)
    return newest if is_known else ""


def _decided(mine: Sequence[Entry]) -> list[Entry]:
    """Those after which nothing more is done about their commit. A promotion that found a bad commit of a person has
    only reported that."""
    return [entry for entry in mine if entry.revision and entry.outcome != "failed"]


def find_hand_made_commit(at: Ports, tree: ConfigSnapshot, hand: HandMade) -> Change:
    """The commit itself. Raises Refused unless it is a person's own that changed the values on the branch, and the
    ledger knows an earlier outcome there and no later one, but of what came before the commit that took it back."""
    tree.environment(hand.environment)
    paths = tree.pathspecs(hand.application, hand.environment)
    mine = named_entries(at, tree, hand.application, hand.environment)
    taken = {hand.promotion}.union(*(one.taken for one in mine if hand.promotion in one.taken))
    others = {each.revision for each in _decided(mine) if taken.isdisjoint((each.promotion, *each.taken))}
    short, place = hand.commit[:12], f"{hand.application} in {hand.environment}"
    if not is_sha(hand.commit):
        raise Refused(f'"{short}" is no commit: write its whole SHA')
    is_back = False
    for _, change in zip(range(MOST), history(at.git, tree.commit, paths=paths), strict=False):
        is_back = is_back or hand.promotion in change.trailers.get(REVERTS, ())
        if change.sha in others and not is_back:
            raise Refused(f"the ledger has the values of {place} as of {change.sha[:12]}, which is not before {short}")
        if change.sha != hand.commit:
            continue
        if change.promotion:
            raise Refused(f"the commit {short} is promotion {change.promotion}: no person made it by hand")
        if not change.parents or not any(contains(at.git, change.sha, revision) for revision in others):
            raise Refused(f"nothing was promoted to {place} before {short}: what is there is the base")
        return change
    raise Refused(f"the commit {short} changed no values of {place} on {at.git.branch}")


def paths_with(tree: ConfigSnapshot, hand: HandMade) -> tuple[str, ...]:
    """The environment's files now, and those of the commit, also what is no plain file: a later one may have removed a
    file."""
    values = ValuesFiles(tree.repository, hand.application, tree.application(hand.application), tree.configuration)
    there = values.there(hand.commit, values.in_environment(hand.commit, hand.environment)).values()
    now = tree.paths(hand.application, hand.environment).values()
    return tuple(dict.fromkeys((*now, *there)))
