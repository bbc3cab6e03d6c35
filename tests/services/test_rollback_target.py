"""The way back to a chosen promotion over a real repository: what comes back, and what goes with it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.promotion.message import ENVIRONMENT, PROMOTION_ID, RESTORES, REVERTS, compose
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.services.in_force import snapshot_in_force
from liftgate.services.rollback_target import RestorePlan, as_verified, last_good, restore_plan
from tests.examples import ALLOWED_SIGNERS as SIGNERS
from tests.examples import NOW, SEED, WORKER, entry, text, values
from tests.integrations.conftest import AUTHOR

HERE = ("example-app", "staging")
PATH = "configs/staging/values.json"


@dataclass
class History:
    """A branch and its ledger; versions count up."""

    repository: Repository
    head: str
    entries: list[Entry] = field(default_factory=list)

    def commit(self, data: bytes | None, *trailers: tuple[str, str], path: str = PATH) -> str:
        """Signed as the worker does where it is a promotion."""
        message = compose("a change", "", [*trailers, (ENVIRONMENT, HERE[1])] if trailers else [])
        key = WORKER if trailers else None
        self.head = self.repository.write(self.head, {path: data}, message, self.now, AUTHOR, key)
        return self.head

    @property
    def now(self) -> Any:
        return NOW + timedelta(minutes=len(self.entries))

    def promote(self, name: str, data: bytes, outcome: str = "promoted") -> str:
        sha = self.commit(data, (PROMOTION_ID, name))
        self.note(promotion=name, revision=sha, outcome=outcome, release=f"sha256:{name}")
        return sha

    def note(self, **more: Any) -> None:
        times = Times(requested=self.now, committed=self.now, verified=self.now, finished=self.now)
        self.entries.append(entry(times=times, **more))

    def back(self, name: str, way: RestorePlan) -> str:
        back = [(REVERTS, each) for each in way.took_back]
        to = way.entry.promotion
        sha = self.commit(way.files[""], (PROMOTION_ID, name), (RESTORES, to), *back)
        self.note(promotion=name, kind="rollback", outcome="verified", revision=sha, restores=to,
                  took_back=way.took_back, release=way.entry.release)  # fmt: skip
        return sha

    def undo(self, name: str, reverts: str, data: bytes) -> None:
        """The rollback of one promotion."""
        sha = self.commit(data, (PROMOTION_ID, name), (REVERTS, reverts))
        self.note(promotion=name, kind="rollback", outcome="verified", revision=sha, reverts=reverts)

    def way(self, to: str) -> RestorePlan:
        return restore_plan(ConfigSnapshot(self.repository, self.head), self.entries, *HERE, to)

    def refused(self, to: str) -> str:
        with pytest.raises(Refused) as error:
            self.way(to)
        return str(error.value)


def history(folder: Path) -> History:
    Git(folder)("init", "--bare", "-q", "config.git")
    repository = Repository(folder / "config.git")
    files = {"liftgate.json": text(SEED), ALLOWED_SIGNERS: SIGNERS.encode(), PATH: version(0)}
    return History(repository, repository.write("", files, "Start\n", NOW, AUTHOR, None))


@pytest.fixture
def past(tmp_path: Path) -> History:
    return history(tmp_path)


def version(number: int, **more: Any) -> bytes:
    return text(values("staging", f"1.0.{number}") | more)


def test_values_come_back_byte_for_byte_with_all_that_goes_with_them(past: History) -> None:
    odd = b'{"application":   {"name": "example-app", "version": "1.0.1"}}'
    past.promote("first", odd)
    past.promote("second", version(2))
    past.commit(version(2, note="by hand"))
    past.note(promotion="found", outcome="verified", revision=past.head)
    past.commit(b"other", path="README.md")
    way = past.way("first")
    assert (way.files[""], way.took_back, way.plan.version) == (odd, ("found", "second"), "1.0.1")
    past.commit(version(3))
    assert past.way("found").files[""] == version(2, note="by hand")


def test_what_is_encrypted_comes_back_as_it_stood_and_nobody_sees_even_that(past: History) -> None:
    def sealed(data: str) -> bytes:
        secret = {"password": f"ENC[AES256_GCM,data:{data},iv:AA==,tag:AA==,type:str]"}
        return version(1, **secret, sops={"mac": f"ENC[AES256_GCM,data:{data}mac,iv:AA==,tag:AA==,type:str]"})

    past.promote("first", sealed("Zmlyc3Q="))
    past.promote("second", sealed("c2Vjb25k"))
    way = past.way("first")
    assert way.files[""] == sealed("Zmlyc3Q=")
    assert [row.pointer for row in way.plan.rows] == ["/password"]
    assert "Zmlyc3Q" not in str(way.plan.rows)


def test_the_same_values_and_nothing_after_them_are_nothing_to_do(past: History) -> None:
    past.promote("first", version(1))
    assert "nothing to do" in past.refused("first")
    past.commit(version(2))
    past.commit(version(1))
    assert "nothing to do" in past.refused("first"), "somebody put it back by hand"
    past.promote("second", version(2))
    past.commit(version(1))
    assert past.way("first").took_back == ("second",), "put back by hand, and still to be recorded"


def test_what_was_taken_back_since_does_not_come_back_within_other_values(past: History) -> None:
    past.promote("first", version(1))
    past.promote("second", version(2, note="of the second"))
    past.undo("back", "first", version(0, note="of the second"))
    assert "have promotion first in them, which was taken back since" in past.refused("second")


def test_a_promotion_that_another_rollback_took_back_is_not_taken_back_again(past: History) -> None:
    for number, name in enumerate(("first", "second", "third"), 1):
        past.promote(name, version(number))
    past.undo("back", "third", version(2))
    assert past.way("first").took_back == ("second",)


def test_a_commit_that_left_the_branch_is_refused(past: History) -> None:
    before = past.head
    past.promote("first", version(1))
    past.head = before
    assert "is not in the history of the branch here" in past.refused("first")


def test_values_that_lay_elsewhere_then_are_found_there(past: History) -> None:
    old = past.promote("first", version(1))
    moved = SEED | {"environments": {"dev": "/configs/dev", "staging": "/elsewhere/staging"}}
    past.commit(text(moved), path="liftgate.json")
    past.commit(version(2), path="elsewhere/staging/values.json")
    assert as_verified(ConfigSnapshot(past.repository, past.head), *HERE, old) == {"": version(1)}
    assert past.way("first").files[""] == version(1)


def test_values_that_a_rollback_restored_while_liftgate_json_was_broken_are_found_where_they_lay(past: History) -> None:
    """By the configuration that was in force then: today's says another place."""
    past.promote("first", version(1))
    past.commit(b"{", path="liftgate.json")
    back = past.commit(version(0), (PROMOTION_ID, "back"), (REVERTS, "first"))
    moved = SEED | {"environments": {"dev": "/configs/dev", "staging": "/elsewhere/staging"}}
    past.commit(text(moved), path="liftgate.json")
    past.commit(version(0), path="elsewhere/staging/values.json")
    past.commit(None)
    now = ConfigSnapshot(past.repository, past.head)
    assert as_verified(snapshot_in_force(now), *HERE, back) == {"": version(0)}


def test_the_last_good_values_are_verified_ones_and_not_somebodys_edit(past: History) -> None:
    good = past.promote("first", version(1))
    past.commit(version(1, note="nobody has verified this"))
    bad = past.promote("bad", version(2), "rolled back")
    assert last_good(past.repository, f"{bad}^1", past.entries) == good
    assert last_good(past.repository, f"{good}^1", past.entries) == ""
    past.undo("back", "first", version(0))
    assert last_good(past.repository, bad, past.entries) == ""


STEPS = st.lists(st.one_of(st.sampled_from(["promote", "by hand", "elsewhere"]), st.integers(0, 20)), max_size=9)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(STEPS)
def test_whatever_happened_going_back_is_exact_and_takes_back_what_stands_after_it(steps: list[str | int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        past, standing, written = history(Path(folder)), list[str](), dict[str, bytes]()
        for number, step in enumerate(steps, 1):
            if step == "promote":
                written[f"p{number}"] = version(number)
                past.promote(f"p{number}", version(number))
                standing.append(f"p{number}")
            elif isinstance(step, str):
                past.commit(version(number), path=PATH if step == "by hand" else "README.md")
            elif standing[:-1]:
                at = step % (len(standing) - 1)
                to, later = standing[at], standing[at + 1 :]
                way = past.way(to)
                assert (way.files[""], list(way.took_back)) == (written[to], list(reversed(later)))
                past.back(f"b{number}", way)
                assert as_verified(ConfigSnapshot(past.repository, past.head), *HERE, past.head) == {"": written[to]}
                assert all(" reverted " in past.refused(each) for each in later)
                del standing[at + 1 :]
