"""`liftgate audit` on a clone alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import Vote
from liftgate.domain.commits import signature
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.integrations.git.repository import Repository
from tests.cli.conftest import AUTHOR, Folder, Said, git
from tests.examples import NOW, SERVER, WORKER, entry, text, values

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey
Liftgate = Callable[..., Said]
REF = "refs/remotes/origin/liftgate/ledger"


def recorded(clone: Folder, copy: bytes | None = None, **more: Any) -> None:
    """As if fetched: staging as it stands was verified, and this copy was made (None: an exact one)."""
    path = "configs/staging/values.json"
    one = entry(revision=git(clone.path, "rev-parse", "HEAD"), **more)
    signed = signature.sign(ledger.signable(one), WORKER, signature.LEDGER)
    exact = (clone.path / path).read_bytes()
    files: dict[str, bytes | None] = {
        one.path: ledger.to_file(one, signed),
        "verified/example-app/staging/values.json": exact if copy is None else copy,
    }
    sha = Repository(clone.path).write("", files, "entries\n", NOW, AUTHOR, None)
    git(clone.path, "update-ref", REF, sha)


def test_an_exact_copy_is_told_and_what_was_never_verified_is_no_fault(clone: Folder, liftgate: Liftgate) -> None:
    recorded(clone)
    clone.put("configs/staging/values.json", text(values("staging", "9.9.9")))
    clone.commit()
    said = liftgate("audit", "--backup", "--repo", str(clone.path), "--json")
    assert said.code == 0
    states = {each["environment"]: each["state"] for each in said.data["checked"]}
    assert states == {"dev": "not configured", "staging": "passed", "prod": "not configured"}
    assert said.data["ledger"] == REF


def test_another_copy_is_a_failed_verdict(clone: Folder, liftgate: Liftgate) -> None:
    recorded(clone, b"{}\n")
    said = liftgate("audit", "--backup", "--repo", str(clone.path), "--environment", "staging")
    assert said.code == 1
    assert "failed: backup: the copy of the verified values of example-app in staging differs" in said.out
    assert "prod" not in said.out


def test_without_a_ledger_it_says_how_to_get_one(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("audit", "--backup", "--repo", str(clone.path), "--application", "example-app")
    assert said.code == 0
    assert "git fetch" in said.out


def test_what_to_verify_must_be_said(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("audit", "--repo", str(clone.path))
    assert said.code == 2
    assert "--backup" in said.err


def test_an_unknown_word_names_the_nearest(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("audit", "--backup", "--repo", str(clone.path), "--environment", "stagin")
    assert said.code == 3
    assert 'did you mean "staging"?' in said.err


def test_votes_prove_who_approved_and_nothing_else_does(clone: Folder, liftgate: Liftgate) -> None:
    """An entry that the worker signed may name anyone."""
    one = entry(approved_by=("ada",))
    good = vote(one.promotion, one.plan)
    cases = {
        "passed": (good,),
        "not configured": (),
        "failed": (good.replace("approve", "reject"),),
        "failed, of another plan": (vote(one.promotion, "sha256:" + "e" * 64),),
        "failed, of another promotion": (vote("another", one.plan),),
        "failed, by the worker": (vote(one.promotion, one.plan, WORKER),),
        "failed, by grace": (vote(one.promotion, one.plan, person="grace"),),
        "failed, unreadable": ("{}",),
    }
    clone.record(*(one.copy_with(environment=f"e{n}", votes=votes) for n, votes in enumerate(cases.values())))
    said = liftgate("audit", "--votes", "--repo", str(clone.path), "--json")
    found = {each["environment"]: each["state"] for each in said.data["votes"]}
    assert found == {f"e{n}": name.partition(",")[0] for n, name in enumerate(cases)}
    assert said.code == 1


def vote(run: str, plan: str, key: PrivateKey = SERVER, person: str = "ada") -> str:
    cast = Vote(run=run, plan=plan, shown="sha256:1", person=person, decision="approve", at=NOW, through="page")
    return sign_statement(cast, key, signature.VOTES)


def test_changes_by_hand_are_listed_and_a_bypassed_gate_is_a_failed_verdict(clone: Folder, liftgate: Liftgate) -> None:
    recorded(clone, by_hand=ByHand(how="merged", by="ada"))
    said = liftgate("audit", "--by-hand", "--repo", str(clone.path), "--json")
    assert (said.code, [each["reason"] for each in said.data["by_hand"]]) == (0, ["Merged by hand by ada."])
    recorded(clone, by_hand=ByHand(how="pushed", by="ada", bypassed=("frozen",)))
    said = liftgate("audit", "--by-hand", "--repo", str(clone.path))
    assert said.code == 1
    assert "failed: Pushed by hand by ada. Bypassed: frozen." in said.out
    assert "Pushed by hand by ada. Bypassed: frozen." in liftgate("history", "--repo", str(clone.path)).out
