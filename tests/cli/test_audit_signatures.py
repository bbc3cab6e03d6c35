"""`liftgate audit --signatures` and `liftgate plan` on a clone in which people signed with git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Folder, Said, git
from tests.examples import ALLOWED_SIGNERS, SEED, text, values

Liftgate = Callable[..., Said]
BASE, DEV = "configs/base/values.json", "configs/dev/values.json"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Ada's, which git and ssh-keygen sign with."""
    path = tmp_path / "ada"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def keyed(clone: Folder, key: Path) -> Folder:
    """Ada has a key, and dev requires signatures."""
    kind, public, *_ = key.with_suffix(".pub").read_text().split()
    clone.put(".liftgate/allowed_signers", f"{ALLOWED_SIGNERS}\nada@example.com {kind} {public}\n".encode())
    clone.put("liftgate.json", text(SEED | {"policy": {"dev": {"signatures": "required"}}}))
    clone.commit("Keys")
    return clone


def signed(clone: Folder, key: Path, path: str, data: bytes) -> str:
    clone.put(path, data)
    git(clone.path, "add", "-A")
    options = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}")
    git(clone.path, *options, "commit", "-q", "-S", "-m", "A signed change")
    return git(clone.path, "rev-parse", "HEAD")


def test_each_commit_is_told_with_its_author_and_signer(keyed: Folder, key: Path, liftgate: Liftgate) -> None:
    good = signed(keyed, key, DEV, text(values("dev", "1.4.2")))
    keyed.put("configs/prod/values.json", text(values("prod", "1.4.3")))
    bad = keyed.commit()
    asked = ("audit", "--signatures", "--repo", str(keyed.path))
    said = liftgate(*asked, "--environment", "dev", "--limit", "1", "--json")
    assert said.code == 0
    (found,) = said.data["signatures"]
    assert found.pop("when")
    assert found == {
        "environment": "dev", "policy": "required", "commit": good, "author": "Ada <ada@example.com>",
        "state": "signed", "signer": "ada@example.com", "reason": "signed by ada@example.com",
    }  # fmt: skip
    assert said.data["next"] == 1
    said = liftgate(*asked, "--environment", "prod", "--limit", "1", "--json")
    assert [(each["commit"], each["state"]) for each in said.data["signatures"]] == [(bad, "not signed")]
    assert said.code == 0, "prod's policy does not require it"
    said = liftgate(*asked)
    assert said.code == 1, "dev has commits from before ada's key"
    assert f"{good[:12]}  dev" in said.out
    assert "Ada <ada@example.com>  signed: signed by ada@example.com" in said.out
    assert "there are more" not in said.out
    assert "git fetch" not in said.out, "no ledger is needed"


def test_pages_follow_each_other(keyed: Folder, key: Path, liftgate: Liftgate) -> None:
    made = [signed(keyed, key, DEV, text(values("dev", f"2.0.{number}"))) for number in range(5)]
    seen: list[str] = []
    skip = 0
    while skip is not None:
        page = ("--environment", "dev", "--limit", "3", "--skip", str(skip), "--json")
        data = liftgate("audit", "--signatures", "--repo", str(keyed.path), *page).data
        assert len(data["signatures"]) <= 3
        seen += [each["commit"] for each in data["signatures"]]
        skip = data["next"]
    assert seen[:5] == made[::-1]
    assert len(seen) == len({*seen}) == 7
    said = liftgate("audit", "--signatures", "--repo", str(keyed.path), "--environment", "dev", "--limit", "3")
    assert "there are more: add --skip 3" in said.out
    assert said.code == 0
    said = liftgate("audit", "--signatures", "--repo", str(keyed.path), "--environment", "dev", "--skip", "7")
    assert "no commits changed these environments" in said.out


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "9" * 5000])
def test_a_number_that_is_none_is_refused(keyed: Folder, liftgate: Liftgate, number: str) -> None:
    said = liftgate("audit", "--signatures", "--repo", str(keyed.path), f"--limit={number}")
    assert said.code == 2
    assert "is not a whole number of 0 or more" in said.err


def test_a_shallow_clone_says_what_it_lacks(keyed: Folder, tmp_path: Path, liftgate: Liftgate) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{keyed.path}", "shallow")
    said = liftgate("audit", "--signatures", "--repo", str(tmp_path / "shallow"))
    assert said.code == 5
    assert "fetch --unshallow" in said.err


def test_the_plan_has_a_line_about_signatures(keyed: Folder, key: Path, liftgate: Liftgate) -> None:
    signed(keyed, key, BASE, text(values("base", "1.4.3")))
    bad = keyed.commit_of(".liftgate/allowed_signers")
    said = liftgate("plan", "example-app", "--to", "dev", "--repo", str(keyed.path), "--json")
    (found,) = [each for each in said.data["gates"] if each["gate"] == "signatures"]
    assert found["state"] == "failed"
    assert f"{bad[:12]} by Ada <ada@example.com>: not signed" in found["reason"]
    said = liftgate("plan", "example-app", "--to", "prod", "--repo", str(keyed.path))
    assert "\nsignatures: passed: 1 of 2 commits is not validly signed" in said.out
    keyed.put(".liftgate/allowed_signers", ALLOWED_SIGNERS.encode())
    keyed.put("liftgate.json", text(SEED))
    keyed.commit()
    said = liftgate("plan", "example-app", "--to", "dev", "--repo", str(keyed.path))
    assert "signatures:" not in said.out
