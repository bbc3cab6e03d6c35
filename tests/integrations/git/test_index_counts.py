"""A second reading of a history of a few hundred entries, and one after a new entry, cost the same few objects."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liftgate.domain.commits import public_key
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, read_allowed
from liftgate.integrations.git import history, line
from liftgate.integrations.git.history import find_promotion_commit, place_commits, promotion_commits
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.object_reader import Object, ObjectReader
from liftgate.integrations.git.process import Git, Result
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger import signed_files
from liftgate.integrations.ledger.git_branch import append_entry, read_ledger
from tests.integrations.conftest import AUTHOR
from tools.bench.long_history import KEY, PLACES, Past

PROMOTIONS = 300
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    past = Past(tmp_path_factory.mktemp("past") / "config.git", 20, PROMOTIONS)
    past.make()
    return past


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Objects that were read, signatures that were verified, processes of git."""
    seen: Counter[str] = Counter()
    run, read, verify = Git.run, ObjectReader.object, public_key.has_signed

    def counted_run(git: Git, *arguments: str, **more: object) -> Result:
        seen["processes"] += 1
        return run(git, *arguments, **more)  # type: ignore[arg-type]

    def counted_read(reader: ObjectReader, name: str) -> Object | None:
        seen["objects"] += 1
        return read(reader, name)

    def counted_verify(key: bytes, message: bytes, made: bytes) -> bool:
        seen["signatures"] += 1
        return verify(key, message, made)

    monkeypatch.setattr(Git, "run", counted_run)
    monkeypatch.setattr(ObjectReader, "object", counted_read)
    monkeypatch.setattr(public_key, "has_signed", counted_verify)
    return seen


def begun(mirror: Mirror, seen: Counter[str]) -> Mirror:
    """The same mirror in a process that has just begun."""
    for remembered in (line._remembered, history._proofs, signed_files._remembered):
        remembered.clear()
    seen.clear()
    return Mirror(mirror.directory.parents[1], mirror.url, "main")


def ask(mirror: Repository, past: Past) -> None:
    signers = read_allowed((mirror.objects([f"refs/heads/main:{ALLOWED_SIGNERS}"])[0] or b"").decode())
    assert len(read_ledger(mirror, signers)) >= PROMOTIONS
    assert find_promotion_commit(mirror, "refs/heads/main", past.promotion(1)) is not None
    assert find_promotion_commit(mirror, "refs/heads/main", "unknown") is None
    assert next(place_commits(mirror, "refs/heads/main", [past.name(1)], PLACES[1]), None) is not None
    assert len(list(promotion_commits(mirror, "refs/heads/main", limit=5))) == 5


def test_a_second_reading_and_one_after_a_new_entry_look_at_a_few_objects(
    past: Past, tmp_path: Path, seen: Counter[str]
) -> None:
    mirror = Mirror(tmp_path, str(past.directory), "main")
    mirror.fetch()
    ask(begun(mirror, seen), past)
    assert seen["signatures"] >= 2 * PROMOTIONS, "each entry and each commit once"
    ask(begun(mirror, seen), past)
    second = dict(seen)
    assert second["signatures"] <= 25
    assert second["objects"] <= 80
    assert second["processes"] <= 6
    when = past.entry(5).times.copy_with(finished=NOW)
    append_entry(mirror, past.entry(5).copy_with(promotion="new", times=when), {"": b"{}\n"}, AUTHOR, KEY)
    head = mirror.write(mirror.head, {"new": b""}, "By hand\n", NOW, AUTHOR, None)
    assert mirror.push(head, mirror.ref, mirror.head) == "pushed"
    ask(begun(mirror, seen), past)
    assert seen["signatures"] <= second["signatures"] + 1
    assert seen["objects"] <= second["objects"] + 15
    assert seen["processes"] <= second["processes"] + 3
