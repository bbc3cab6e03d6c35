"""The ledger on a real remote: once for each promotion, nothing lost, nothing forged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.ledger import ledger
from liftgate.errors import Refused
from liftgate.integrations.git import mirror as mirrors
from liftgate.integrations.git.lock import Lock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git, Result
from liftgate.integrations.ledger.git_branch import REF, append_entry, put_unless, read_ledger
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER, entry
from tests.integrations.conftest import AUTHOR, Hosted

SIGNERS = read_allowed(ALLOWED_SIGNERS)


def fetched(hosted: Hosted, name: str) -> Mirror:
    mirror = hosted.mirror(name)
    mirror.fetch()
    return mirror


def test_an_entry_is_read_back_by_another_worker(hosted: Hosted) -> None:
    append_entry(fetched(hosted, "one"), entry(), {"": b'{"a": 1}\n'}, AUTHOR, WORKER)
    other = fetched(hosted, "two")
    assert read_ledger(other, SIGNERS) == [entry()]
    copy = other.file(other.resolve(REF), "verified/example-app/staging/values.json")
    assert copy is not None
    assert copy.data == b'{"a": 1}\n'


def test_appending_twice_keeps_the_first_word(hosted: Hosted) -> None:
    mirror = fetched(hosted, "one")
    append_entry(mirror, entry(), {}, AUTHOR, WORKER)
    append_entry(mirror, entry(outcome="failed"), {}, AUTHOR, WORKER)
    assert [e.outcome for e in read_ledger(fetched(hosted, "two"), SIGNERS)] == ["promoted"]


def test_a_state_of_the_ledger_is_read_once_and_a_new_one_again(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror, asked, run = fetched(hosted, "one"), [], Git.run
    append_entry(mirror, entry(), {}, AUTHOR, WORKER)
    assert len(read_ledger(mirror, SIGNERS)) == 1

    def counted(git: Git, *arguments: str, **more: object) -> Result:
        asked.append(arguments[0])
        return run(git, *arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Git, "run", counted)
        assert len(read_ledger(mirror, SIGNERS)) == 1
    assert asked == [], "the reader that stays says which state it is"
    append_entry(mirror, entry(promotion="other"), {}, AUTHOR, WORKER)
    assert len(read_ledger(mirror, SIGNERS)) == 2


def test_many_workers_at_once_lose_no_entry(hosted: Hosted) -> None:
    def write(number: int) -> None:
        append_entry(fetched(hosted, f"w{number}"), entry(promotion=f"promotion-{number}"), {}, AUTHOR, WORKER)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))
    assert len(read_ledger(fetched(hosted, "reader"), SIGNERS)) == 5


def test_a_forged_entry_did_not_happen(hosted: Hosted) -> None:
    mirror = fetched(hosted, "one")
    append_entry(mirror, entry(promotion="other"), {}, AUTHOR, WORKER)
    forged = entry(promotion="forged")
    signed = signature.sign(ledger.signable(forged), SERVER, signature.LEDGER)
    tip = mirror.resolve(REF)
    sha = mirror.write(tip, {forged.path: ledger.to_file(forged, signed)}, "x\n", NOW, AUTHOR, None)
    mirror.push(sha, REF, tip)
    assert [e.promotion for e in read_ledger(fetched(hosted, "two"), SIGNERS)] == ["other"]


@pytest.mark.parametrize("is_refused", [True, False])
def test_an_entry_of_another_process_of_the_host_that_comes_first_is_no_error(hosted: Hosted, is_refused: bool) -> None:
    """The holder of the key signs no commit on a tip that is not the newest one any more."""
    mine, other, tips = fetched(hosted, "host"), hosted.mirror("host"), list[str]()

    def write(tip: str) -> str:
        tips.append(tip)
        if len(tips) == 1:
            append(other)
            if is_refused:
                raise Refused("a commit of the ledger follows the newest one")
        return mine.write(tip, {"note": b"x"}, "A note\n", NOW, AUTHOR, WORKER)

    def append(mirror: Mirror) -> None:
        sha = mirror.write(mirror.resolve(REF), {"other": b"x"}, "Another\n", NOW, AUTHOR, WORKER)
        assert mirror.push(sha, REF, mirror.resolve(REF)) == "pushed"

    assert put_unless(mine, lambda _: False, write)
    assert len(tips) == 2
    there = fetched(hosted, "reader")
    assert {path for path, _ in there.paths(there.resolve(REF), "")} == {"note", "other"}


def test_what_is_refused_on_the_newest_tip_stays_refused(hosted: Hosted) -> None:
    mirror = fetched(hosted, "host")

    def write(_: str) -> str:
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        put_unless(mirror, lambda _: False, write)


def test_a_process_that_holds_its_turn_for_long_stops_no_other(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "PATIENCE", 0.1)
    mirror = fetched(hosted, "host")
    with Lock(mirror.directory.with_suffix(".ledger.lock")):
        append_entry(mirror, entry(), {}, AUTHOR, WORKER)
    assert read_ledger(mirror, SIGNERS) == [entry()]


def test_where_no_turn_can_be_noted_an_entry_is_written_without(hosted: Hosted) -> None:
    """As on a disk that is full, or on which a file of this name cannot be opened."""
    mirror = fetched(hosted, "one")
    mirror.directory.with_suffix(".ledger.lock").mkdir()
    append_entry(mirror, entry(), {}, AUTHOR, WORKER)
    assert read_ledger(mirror, SIGNERS) == [entry()]
