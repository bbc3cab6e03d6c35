"""Who wrote what a promotion brings to an environment: the flow and the Liftgate server find the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Protocol

from liftgate.domain.approval.author import Authors, Directory, Written, authors_of
from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.git import authorship
from liftgate.integrations.git.authorship import Touched
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.merge_base import base_commit, named_entries
from liftgate.services.ports import HasBranch, HasForge


class Ports(HasBranch, HasForge, Protocol):
    """What these use cases need."""


_NO_PERSON: Final = ("schedule", "automatic")


def find_authors(
    at: Ports, tree: ConfigSnapshot, application: str, environment: str, source: str, known: Sequence[str] = ()
) -> Authors:
    """The authors of the commits that the release at `source` brings; none without a source: an update has only its
    requester. `known` are the release's files there, as far as they are known. Raises Unavailable.

    They are the commits that touched these files, or those that releases come from, after the newest release that was
    promoted there, if this one contains it; else after the commit that brought `liftgate.json`: what was there before
    is no promotion's.
    """
    if not source:
        return Authors()
    if not tree.repository.resolve(source):
        return Authors(unknown=(f"the authors of {source[:12]}, which is not in the repository",))
    base = base_commit(tree, named_entries(at, tree, application, environment), source)
    paths = release_paths(tree, application, source, base, tuple(known))
    found = authorship.written(tree.repository, base, source, paths, tree.signers)
    entries = {entry.promotion: entry for name in tree.names(application) for entry in at.entries(name)}
    listed = [_with_requester(each, entries) for each in found]
    directory = Directory.of(tree.configuration.people, at.forge.login)
    return authors_of(listed, directory, at.forge.account, at.forge.own_login)


@lru_cache(maxsize=512)
def release_paths(
    tree: ConfigSnapshot, application: str, source: str, base: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    """The files that releases come from, where they were at the base if they were renamed since, and the release's own
    files: others if an update made the release, on top of one that came from there. What three commits say never
    changes, so it is found once."""
    now = tree.release_paths(application, source)
    then = tree.release_paths(application, base) if base else now
    there = tree.repository.object_id
    moved = [path for path in then if not there(source, path)] if not any(there(base, path) for path in now) else []
    return tuple(dict.fromkeys([*now, *moved, *known]))


def _with_requester(touched: Touched, entries: Mapping[str, Entry]) -> Written:
    """A commit of Liftgate is its requester's."""
    if not touched.promotion:
        return touched
    entry = entries.get(touched.promotion)
    if entry is None or entry.proof == "claimed":
        who = entry.requested_by if entry else ""
        return Written(unknown=f"{who or 'the unknown requester'} of promotion {touched.promotion[:8]} (claimed)")
    return Written() if entry.proof in _NO_PERSON else Written(requester=entry.requested_by)
