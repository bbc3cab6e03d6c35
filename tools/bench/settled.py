"""Many applications as a long series of nights leaves them: in every environment the newest release, promoted by a
signed commit and recorded as verified. No run is needed for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from liftgate.demo.repository import ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.domain.commits import signature
from liftgate.domain.common.canonical import digest
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.message import (
    APPLICATION,
    ENVIRONMENT,
    PATH,
    PROMOTION_ID,
    SOURCE,
    SOURCE_PATH,
    compose,
)
from liftgate.integrations.git.newest_commits import find_newest
from liftgate.integrations.ledger.git_branch import put_unless
from tools.bench.many import AFTER, path_of, values_of
from tools.bench.night import until_none_is_left

TOOK: Final = timedelta(seconds=20)
"""Of each promotion; they followed each other."""


def settle(world: World, names: Sequence[str]) -> None:
    """From `add_applications` on; one push to each branch."""
    at, git = world.at, world.at.git
    head = newest = git.fetch()
    tree, files = at.tree(head), dict[str, bytes | None]()
    find_newest(git, head, [(path_of(name, "base"),) for name in names])
    releases = {name: tree.newest_release(name) for name in names}
    places = [(name, environment) for environment in ENVIRONMENTS for name in names]
    for (name, environment), times in zip(places, _times(len(places)), strict=True):
        begun = _entry(name, environment, releases[name], times, git.object_id(head, path_of(name, "base")))
        data = values_of(name, environment, AFTER).encode()
        text = compose(f"Promote {name} to {environment}", "", _trailers(begun))
        newest = git.write(newest, {begun.values_path: data}, text, times.requested, at.author, at.worker_key)
        entry = begun.copy_with(revision=newest)
        signed = signature.sign(ledger.signable(entry), at.worker_key, signature.LEDGER)
        source = values_of(name, "base", AFTER).encode()
        files |= {entry.path: ledger.to_file(entry, signed), entry.verified_copy(): data, entry.source_copy(): source}
    if git.push(newest, git.ref, head) != "pushed":
        raise SystemExit("the past could not be pushed: the branch moved")
    # the Liftgate server may write there too
    now = datetime.now(UTC)
    put_unless(git, lambda _: False, lambda tip: git.write(tip, files, "Outcomes\n", now, at.author, at.worker_key))


def wait_until_synced(world: World) -> None:
    """Argo CD has deployed all Applications: a promotion does not wait for another one's first sync."""

    def left() -> int:
        return sum(each.sync != "Synced" for each in (world.at.overview.all() if world.at.overview else ()))

    until_none_is_left(left, "Applications that are not synced")


def _times(number: int) -> Iterator[Times]:
    begin = datetime.now(UTC) - number * TOOK
    for each in range(number):
        when = begin + each * TOOK
        end = when + TOOK
        yield Times(requested=when, committed=when, synced=end, verified=end, finished=end)


def _trailers(entry: Entry) -> list[tuple[str, str]]:
    return [
        *((PROMOTION_ID, entry.promotion), (APPLICATION, entry.application), (ENVIRONMENT, entry.environment)),
        *((SOURCE, entry.source), (SOURCE_PATH, entry.source_path), (PATH, entry.values_path)),
    ]


def _entry(name: str, environment: str, release: Release, times: Times, blob: str) -> Entry:
    """As its run would have recorded it, but without a commit."""
    promotion = str(uuid5(NAMESPACE_OID, f"{name} {environment}"))
    return Entry(
        promotion=promotion,
        kind="promote",
        application=name,
        environment=environment,
        release=release.id,
        version=release.version,
        source=release.source,
        plan=digest(promotion),
        revision="",
        outcome="promoted",
        reason="synced and healthy",
        requested_by="rosa",
        proof="sign-in",
        times=times,
        first_sync=True,
        values_path=path_of(name, environment),
        source_path=path_of(name, "base"),
        source_blob=blob,
    )
