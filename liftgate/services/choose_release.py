"""Which release a name means, and whether it may be promoted: from the repository and the ledger, without any
server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TypeAlias

from liftgate.domain.approval import gate
from liftgate.domain.common.names import is_sha
from liftgate.domain.common.nearest import nearest
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.run_request import LATEST
from liftgate.errors import Refused
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.merge_base import recorded_release

Kept: TypeAlias = tuple[str, str]
"""A release's id, and the commit that is said to fix it."""


def version_there(tree: ConfigSnapshot, application: str, environment: str) -> str:
    there = tree.release_here(application, environment)
    return there.version if there else ""


def choose_release(
    tree: ConfigSnapshot,
    entries: Sequence[Entry],
    application: str,
    environment: str,
    wanted: str,
    kept: Sequence[Kept] = (),
) -> Release:
    """The wanted release, unchecked. Raises Refused when there is none of this name. "latest verified" is the first of
    those that the run kept, as far as Git has it."""
    if wanted not in ("", LATEST):
        return _named(tree, entries, application, wanted)
    waited = _first_of(tree, entries, application, kept)
    return waited or _latest(tree, entries, application, tree.configuration.policy_of(environment).after or ())


def check_release(
    tree: ConfigSnapshot, entries: Sequence[Entry], environment: str, chosen: Release, wanted: str
) -> None:
    """Raises Refused when upstream has not verified the release, or when it was rolled back in the environment and is
    not wanted by its id."""
    policy = tree.configuration.policy_of(environment)
    verified = gate.verified_in(entries, chosen.application, policy, chosen.id)
    verdict = gate.verified_upstream(verified, environment, chosen.name)
    if verdict.failed:
        raise Refused(verdict.reason)
    rolled_back = ledger.blocked(ledger.entries_of(entries, chosen.application, environment), chosen.id)
    if rolled_back and wanted != chosen.id:
        raise Refused(
            f"{chosen.name} was rolled back in {environment} ({rolled_back.reason}); promote a mended release, "
            f"or this one by its full id {chosen.id}"
        )


def _latest(tree: ConfigSnapshot, entries: Sequence[Entry], application: str, upstream: tuple[str, ...]) -> Release:
    if not upstream:
        return tree.newest_release(application)
    newest = ledger.last_verified(ledger.entries_of(entries, application, upstream[0]))
    if newest is None:
        raise Refused(f"nothing of {application} is verified in {upstream[0]} yet; promote to {upstream[0]} first")
    return recorded_release(tree, application, newest)


def _first_of(tree: ConfigSnapshot, entries: Sequence[Entry], application: str, kept: Iterable[Kept]) -> Release | None:
    """By the ledger or the base, else by the commit, which must be in the history of the tree's."""
    for release, source in kept:
        for name in (release, source):
            if is_sha(name) and not contains(tree.repository, tree.commit, name):
                continue
            with suppress(Refused):
                if (found := _named(tree, entries, application, name)).id == release:
                    return found
    return None


def _named(tree: ConfigSnapshot, entries: Sequence[Entry], application: str, wanted: str) -> Release:
    """By id (or its first characters), by version, or by the source commit."""
    candidate = tree.newest_release(application)
    names: dict[str, Entry | None] = {candidate.version: None, candidate.id: None}
    for entry in entries:
        if entry.application == application and entry.release:
            names |= {entry.version: entry, entry.release: entry}
    for name, found in names.items():
        if wanted == name or (len(wanted) >= 8 and name.removeprefix("sha256:").startswith(wanted)):
            return recorded_release(tree, application, found) if found else candidate
    if is_sha(wanted) and tree.repository.resolve(wanted):
        return tree.release_at(application, wanted)
    known = [name for name in names if name and not name.startswith("sha256:")]
    raise Refused(f'{application} has no release "{wanted}"; {nearest(wanted, known)}')


def begins_in(tree: ConfigSnapshot, environment: str, has_verified: Callable[[str], bool]) -> str:
    """The farthest environment upstream in which nothing of the application is verified yet, or else the environment
    itself: the next promotion goes there."""
    seen: set[str] = set()
    while environment not in seen:
        seen.add(environment)
        waits_for = (each for each in _upstream(tree)[environment] if not has_verified(each))
        environment = next(waits_for, environment)
    return environment


@lru_cache(maxsize=2)
def _upstream(tree: ConfigSnapshot) -> Mapping[str, tuple[str, ...]]:
    """By environment. Asked for each cell of a board."""
    policy_of = tree.configuration.policy_of
    return {environment: policy_of(environment).after or () for environment in tree.configuration.order}
