"""With the index the answers are the same as without it, also after branches, keys or the index itself changed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as FILE
from liftgate.domain.commits.allowed_signers import Signer, read_allowed
from liftgate.domain.ledger import ledger, restorable, summary
from liftgate.domain.ledger.ledger import Times
from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PROMOTION_ID, compose
from liftgate.errors import LiftgateError
from liftgate.integrations.git import history, line
from liftgate.integrations.git.index import Index
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger import git_branch, past, signed_files
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER, entry
from tests.integrations.conftest import AUTHOR

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

MAIN = "refs/heads/main"
NO_WORKER = "".join(each for each in ALLOWED_SIGNERS.splitlines(keepends=True) if each.startswith("server"))
BOTH = ALLOWED_SIGNERS + signature.allowed_line("two@x", signature.WORKER, signature.public_bytes(SERVER)) + "\n"
APPLICATIONS, PLACES = ("shop", "till"), ("staging", "prod")


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "EVERY", 4)
    monkeypatch.setattr(line, "_KEPT", 3)
    monkeypatch.setattr(history, "_LOOKED_AT", 2)
    for module in (past, summary):
        monkeypatch.setattr(module, "NEWEST", 3)


def forget() -> None:
    """As a process that has just begun."""
    line._remembered.forget()
    history._proofs.clear()
    signed_files._remembered.clear()
    past._past.cache_clear()
    past._read_lately.clear()


def past_answers(repository: Repository, signers: tuple[Signer, ...]) -> Iterator[tuple[str, Any]]:
    """Those about the ledger in short, each of them the one that all its entries give."""
    short, entries = past.past_of(repository, signers), list(git_branch.ledger_at(repository, signers).entries)
    yield "whole", short.whole
    yield "places", dict(short.places)
    for limit, name, place in ((0, "", ""), (2, "", ""), (3, APPLICATIONS[0], ""), (9, "", PLACES[0]), (1, "no", "no")):
        wanted = [each for each in entries if name in ("", each.application) and place in ("", each.environment)]
        assert short.newest(limit, name, place) == wanted[::-1][: limit or None]
    for when in (NOW, NOW + timedelta(minutes=9), NOW + timedelta(minutes=18)):
        assert short.since(when) == [each for each in entries if each.times.finished >= when]
    for (name, place), mine in ledger.by_place(entries).items():
        for release in ("sha256:one", "sha256:two", "sha256:four"):
            assert short.is_verified(name, place, release) == ledger.verified(mine, release)
        assert all(short.has_outcome(name, place, each.promotion) for each in mine)
        assert not short.has_outcome(name, place, "none")
        assert short.summary(name, place).newest == mine[-1]
        assert short.summary(name, place).has_verified == (ledger.last_verified(mine) is not None)
        assert short.choices & {each.promotion for each in mine[-1:]} <= restorable.choices(entries)


@dataclass
class World:
    """One repository in which anything may happen, by chance."""

    directory: Path
    chance: random.Random
    signers: str = ALLOWED_SIGNERS
    number: int = 0
    heads: list[str] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    promotions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        Git(self.directory.parent)("init", "--bare", "-q", self.directory.name)
        self.repository = Repository(self.directory)
        self._to_main(self.repository.write("", {FILE: self.signers.encode()}, "Start\n", NOW, AUTHOR, None))

    @property
    def head(self) -> str:
        return self.heads[-1]

    def step(self) -> None:
        steps = {
            **dict.fromkeys([self.by_hand, self.merge, self.damage], 3),
            **dict.fromkeys([self.promote, self.record], 6),
            **dict.fromkeys([self.forge, self.rewrite, self.rewrite_ledger, self.other_keys], 1),
        }
        self.number += 1
        self.chance.choices([*steps], [*steps.values()])[0]()

    def by_hand(self) -> None:
        self._commit(f"By hand {self.number}, not {self._some()}\n", None)

    def promote(self) -> None:
        self._commit(self._said(), WORKER)

    def forge(self) -> None:
        self._commit(self._said(), SERVER)

    def merge(self) -> None:
        """Of a proposal that changes nothing, by a message that names it or not; or of what is no proposal."""
        repository, tree = self.repository, self.repository.object_id(self.head, "")
        key = self.chance.choice([WORKER, SERVER])
        base = self.chance.choice(self.heads[-3:])
        proposal = repository.commit_tree(tree, [base], self._said(), self._now, AUTHOR, key)
        said = self.chance.choice(["Merge\n", f"Merge {PROPOSALS}{self._some()}\n"])
        self._to_main(repository.commit_tree(tree, [self.head, proposal], said, self._now, AUTHOR, None))

    def rewrite(self) -> None:
        self._to_main(self.chance.choice(self.heads))

    def other_keys(self) -> None:
        self.signers = self.chance.choice([ALLOWED_SIGNERS, NO_WORKER, BOTH])
        files: dict[str, bytes | None] = {FILE: self.signers.encode()}
        self._to_main(self.repository.write(self.head, files, f"Keys {self.number}\n", self._now, AUTHOR, None))

    def record(self) -> None:
        chance = self.chance
        made = entry(
            promotion=self._some(),
            application=chance.choice(APPLICATIONS),
            environment=chance.choice(PLACES),
            kind=chance.choice(["promote", "promote", "rollback"]),
            outcome=chance.choice(["promoted", "promoted", "failed", "rolled back", "refused"]),
            release=chance.choice(["sha256:one", "sha256:two", "sha256:three"]),
            reverts=chance.choice(["", self._some()]),
            times=Times(requested=NOW, finished=NOW + timedelta(minutes=chance.randrange(20))),
        )
        signed = signature.sign(ledger.signable(made), self.chance.choice([WORKER, WORKER, SERVER]), signature.LEDGER)
        data = self.chance.choice([ledger.to_file(made, signed)] * 4 + [b"{no json"])
        tip = self.tips[-1] if self.tips else ""
        self._to_ledger(self.repository.write(tip, {made.path: data}, "Entry\n", self._now, AUTHOR, None))

    def rewrite_ledger(self) -> None:
        if self.tips:
            self._to_ledger(self.chance.choice(self.tips))

    def damage(self) -> None:
        path = self.directory / "liftgate-index.sqlite"
        if not path.exists():
            return
        what, size = self.chance.choice(["delete", "cut", "garbage"]), path.stat().st_size
        if what == "delete":
            path.unlink()
        elif what == "cut":
            os.truncate(path, self.chance.randrange(size))
        else:
            data = bytearray(path.read_bytes())
            at = self.chance.randrange(max(1, size - 500))
            data[at : at + 500] = self.chance.randbytes(500)
            path.write_bytes(data)

    def answers(self, *, by_index: bool) -> dict[str, Any]:
        forget()
        repository = Repository(self.directory)
        if not by_index:
            repository.index = Index(self.directory / "none")
        return dict(self._answers(repository))

    def _answers(self, repository: Repository) -> Iterator[tuple[str, Any]]:
        head = self.chance_free_head()
        for each in {*self.promotions[-6:], "unknown"}:
            yield each, history.find_promotion_commit(repository, head, each)
        yield "all", list(history.promotion_commits(repository, head))
        yield "newest", list(history.promotion_commits(repository, MAIN, limit=3))
        yield "by promotion", history.promotions_of(repository, head)
        for since in ("", self.heads[len(self.heads) // 2]):
            for place in PLACES:
                found = history.place_commits(repository, head, APPLICATIONS[:1], place, since=since)
                yield f"{place} since {since}", list(found)
        signers = read_allowed(self.signers)
        for under in ("entries", "entries/shop", "entries/shop/prod"):
            yield under, git_branch.ledger_at(repository, signers, under)
        yield from past_answers(repository, signers)

    def chance_free_head(self) -> str:
        """Mostly the newest, sometimes one that is not on the branch any more."""
        return self.heads[-1 - self.number % 5 // 4 * (len(self.heads) // 2)]

    def _commit(self, said: str, key: PrivateKey | None) -> None:
        tree = self.repository.object_id(self.head, "")
        self._to_main(self.repository.commit_tree(tree, [self.head], said, self._now, AUTHOR, key))

    def _said(self) -> str:
        self.promotions.append(self.chance.choice([f"promotion-{self.number}", *self.promotions[-1:]]))
        where = (APPLICATION, self.chance.choice(APPLICATIONS)), (ENVIRONMENT, self.chance.choice(PLACES))
        return compose("Promote", "", [(PROMOTION_ID, self.promotions[-1]), *where])

    def _some(self) -> str:
        return self.chance.choice(["promotion-0", *self.promotions])

    @property
    def _now(self) -> Any:
        return NOW + timedelta(seconds=self.number)

    def _to_main(self, sha: str) -> None:
        self.repository.git("update-ref", MAIN, sha)
        self.heads.append(sha)

    def _to_ledger(self, tip: str) -> None:
        self.repository.git("update-ref", git_branch.REF, tip)
        self.tips.append(tip)


def walk(folder: Path, seed: int, steps: int) -> None:
    world = World(folder / "config.git", random.Random(seed))
    for _ in range(steps):
        world.step()
        if world.number % 3 == 0:
            assert world.answers(by_index=True) == world.answers(by_index=False), f"seed {seed}, step {world.number}"
    assert any(world.answers(by_index=True).values())


def test_a_proof_that_is_missing_for_a_while_is_no_fact(tmp_path: Path) -> None:
    world = World(tmp_path / "config.git", random.Random(1))
    repository, base = world.repository, world.head
    said = compose("Promote", "", [(PROMOTION_ID, "one"), (APPLICATION, "shop"), (ENVIRONMENT, "prod")])
    proposal = repository.write(base, {"values.json": b"{}"}, said, NOW, AUTHOR, WORKER)
    tree = repository.object_id(proposal, "")
    merge = repository.commit_tree(tree, [base, proposal], f"Merge {PROPOSALS}one\n", NOW, AUTHOR, None)
    world._to_main(merge)
    for world.number in range(5):
        world.by_hand()
    kept = world.directory / "objects" / proposal[:2] / proposal[2:]
    data = kept.read_bytes()
    kept.unlink()
    with pytest.raises(LiftgateError, match="missing"):
        history.find_promotion_commit(Repository(world.directory), world.head, "one")
    kept.write_bytes(data)
    forget()
    found = history.find_promotion_commit(Repository(world.directory), world.head, "one")
    assert found is not None
    assert found.sha == merge


def test_that_a_promotion_has_no_commit_is_never_believed_of_the_index_alone(tmp_path: Path) -> None:
    """Neither by a run nor by recovery: git itself looks at the newest commits."""
    world = World(tmp_path / "config.git", random.Random(1))
    said = compose("Promote", "", [(PROMOTION_ID, "one"), (APPLICATION, "shop"), (ENVIRONMENT, "prod")])
    world._commit(said, WORKER)
    committed = world.head
    world.by_hand()
    nothing = dict.fromkeys(world.heads, b"\n")
    for kind in (line._SPANS, line._NEWEST):
        world.repository.index.keep(kind, nothing)
        world.repository.index.keep(f"rows of {kind}", dict.fromkeys(nothing, b""))
    marks = [line._part(each, bytes([number])) for each in world.heads for number in range(line._PARTS)]
    world.repository.index.keep(line._MARKS, dict.fromkeys(marks, b""))
    forget()
    found = history.find_promotion_commit(Repository(world.directory), world.head, "one")
    assert found is not None
    assert found.sha == committed
    assert history.promotions_of(Repository(world.directory), world.head) == {"one": committed}


@pytest.mark.parametrize("seed", range(2))
def test_the_answers_are_the_same_with_and_without_the_index(tmp_path: Path, seed: int) -> None:
    walk(tmp_path, seed, 24)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 30))
def test_they_are_the_same_in_many_long_histories(tmp_path: Path, seed: int) -> None:
    walk(tmp_path, seed, 150)
