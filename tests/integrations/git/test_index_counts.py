"""A second reading of a history of a few hundred entries, and one after a new entry, cost the same few objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer, read_allowed
from liftgate.integrations.git import history, kept_answers, line
from liftgate.integrations.git.history import find_promotion_commit, place_commits, promotion_commits
from liftgate.integrations.git.index import Index
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger import past as in_short
from liftgate.integrations.ledger import signed_files
from liftgate.integrations.ledger.git_branch import append_entry, read_ledger
from liftgate.integrations.ledger.past import past_of
from liftgate.integrations.ledger.signed_files import Kinds
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs
from tools.bench.long_history import KEY, PLACES, Past

PROMOTIONS, FEW = 300, 20
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    past = Past(tmp_path_factory.mktemp("past") / "config.git", 20, PROMOTIONS)
    past.make()
    return past


@pytest.fixture(scope="module")
def short_past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    past = Past(tmp_path_factory.mktemp("short") / "config.git", 20, FEW)
    past.make()
    return past


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Objects that were read, signatures that were verified, processes of git, entries that were parsed."""
    seen = count_costs(monkeypatch)
    parse = signed_files._read

    def counted_parse(fact: bytes, kinds: Kinds) -> signed_files.Parsed:
        seen["entries"] += 1
        return parse(fact, kinds)

    monkeypatch.setattr(signed_files, "_read", counted_parse)
    return seen


def begun(mirror: Mirror, seen: Counter[str]) -> Mirror:
    """The same mirror in a process that has just begun."""
    line._remembered.forget()
    history._proofs.clear()
    signed_files._remembered.clear()
    in_short._past.cache_clear()
    kept_answers.forget_answers()
    in_short._read_lately.clear()
    seen.clear()
    return Mirror(mirror.directory.parents[1], mirror.url, "main")


def ask(mirror: Repository, past: Past) -> None:
    assert len(read_ledger(mirror, signers_of(mirror))) >= PROMOTIONS
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
    assert second["objects"] <= 120
    assert second["processes"] <= 5
    when = past.entry(5).times.copy_with(finished=NOW)
    append_entry(mirror, past.entry(5).copy_with(promotion="new", times=when), {"": b"{}\n"}, AUTHOR, KEY)
    head = mirror.write(mirror.head, {"new": b""}, "By hand\n", NOW, AUTHOR, None)
    assert mirror.push(head, mirror.ref, mirror.head) == "pushed"
    ask(begun(mirror, seen), past)
    assert seen["signatures"] <= second["signatures"] + 1
    assert seen["objects"] <= second["objects"] + 15
    assert seen["processes"] <= second["processes"] + 3


@pytest.mark.parametrize("promotions", [FEW, PROMOTIONS])
def test_a_promotion_without_a_commit_is_known_by_a_few_bytes_of_the_index(
    past: Past, short_past: Past, tmp_path: Path, seen: Counter[str], monkeypatch: pytest.MonkeyPatch, promotions: int
) -> None:
    monkeypatch.setattr(line, "EVERY", 32)
    usual = Index.known

    def known(index: Index, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        found = usual(index, kind, keys)
        seen["looks"] += bool(keys)
        seen["bytes"] += sum(map(len, found.values()))
        return found

    monkeypatch.setattr(Index, "known", known)
    mirror = Mirror(tmp_path, str((past if promotions == PROMOTIONS else short_past).directory), "main")
    mirror.fetch()
    for _ in range(2):
        mirror = begun(mirror, seen)
        assert find_promotion_commit(mirror, "refs/heads/main", "unknown") is None
    assert seen["looks"] <= 3, "the newest span, the chain of the others, and their marks"
    assert seen["bytes"] <= 4_000
    assert find_promotion_commit(mirror, "refs/heads/main", "another") is None
    assert seen["looks"] <= 4


def test_the_newest_commit_of_a_place_is_the_only_one_that_is_read(
    past: Past, tmp_path: Path, seen: Counter[str]
) -> None:
    mirror = Mirror(tmp_path, str(past.directory), "main")
    mirror.fetch()
    for _ in range(2):
        mirror, name = begun(mirror, seen), past.name(PROMOTIONS - 1)
        found = next(place_commits(mirror, "refs/heads/main", [name], past.place(PROMOTIONS - 1)))
        assert found.promotion == past.promotion(PROMOTIONS - 1)
    assert seen["signatures"] == 1
    assert seen["objects"] <= 5


def test_after_a_new_entry_a_process_reads_only_the_place_of_it_again(
    past: Past, tmp_path: Path, seen: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = begun(Mirror(tmp_path, str(past.directory), "main"), seen)
    mirror.fetch()
    places, asked, usual = past_of(mirror, signers_of(mirror)).places, list[str](), Index.known

    def known(index: Index, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        asked.extend(keys if kind.startswith("entries of a place") else ())
        return usual(index, kind, keys)

    monkeypatch.setattr(Index, "known", known)
    old = past.entry(7)
    when = old.times.copy_with(finished=NOW)
    append_entry(mirror, old.copy_with(promotion="newer", times=when), {"": b"{}\n"}, AUTHOR, KEY)
    now = past_of(mirror, signers_of(mirror))
    assert now.summary(old.application, old.environment).newest == now.newest(1)[0]
    assert now.newest(1)[0].promotion == "newer"
    assert len(now.places) == len(places)
    assert len(set(asked)) == 1


def signers_of(mirror: Repository) -> tuple[Signer, ...]:
    return read_allowed((mirror.objects([f"refs/heads/main:{ALLOWED_SIGNERS}"])[0] or b"").decode())


def spent_on_the_newest(past: Past, folder: Path, seen: Counter[str]) -> list[dict[str, int]]:
    """What lists, report and board read in a new process; then the same after one more entry."""
    mirror, found = Mirror(folder, str(past.directory), "main"), []
    mirror.fetch()
    signers = signers_of(mirror)
    before = past_of(begun(mirror, seen), signers).whole.count
    assert before >= past.promotions
    for number in range(2):
        short = past_of(begun(mirror, seen), signers)
        newest = short.newest(5)
        assert len(short.since(newest[-1].times.finished)) == 5
        assert [newest[0].promotion] == [row.promotion for row in short.whole.newest[-1:]]
        assert sum(part.count for part in short.places.values()) == before + number
        found.append(dict(seen))
        when = past.entry(5).times.copy_with(finished=NOW)
        append_entry(mirror, past.entry(5).copy_with(promotion="one of two", times=when), {"": b"{}\n"}, AUTHOR, KEY)
    return found


def test_lists_report_and_board_read_the_same_however_long_the_past_is(
    past: Past, short_past: Past, tmp_path: Path, seen: Counter[str]
) -> None:
    small = spent_on_the_newest(short_past, tmp_path / "small", seen)
    large = spent_on_the_newest(past, tmp_path / "large", seen)
    assert large[0] == small[0]
    assert large[0]["entries"] == 5
    assert large[0].get("signatures", 0) == 0
    assert large[1]["signatures"] == small[1]["signatures"] == 1
    in_place = len(
        [number for number in range(PROMOTIONS) if past.entry(number).path.split("/")[1:3] == place_of(past)]
    )
    assert large[1]["entries"] <= in_place + 10, "those of the place with a new entry, and those that are shown"
    assert large[1]["objects"] <= 40


def place_of(past: Past) -> list[str]:
    return [past.name(5), past.place(5)]


def test_an_entry_is_added_by_as_few_objects_however_long_the_past_is(
    past: Past, short_past: Past, tmp_path: Path, seen: Counter[str]
) -> None:
    spent = []
    for each in (short_past, past):
        mirror = Mirror(tmp_path / str(each.promotions), str(each.directory), "main")
        mirror.fetch()
        made = begun(mirror, seen)
        when = each.entry(7).times.copy_with(finished=NOW)
        append_entry(made, each.entry(7).copy_with(promotion="one more", times=when), {"": b"{}\n"}, AUTHOR, KEY)
        spent.append(dict(seen))
    assert spent[0] == spent[1]
