"""`liftgate pause` and `liftgate resume`: from a clone, with the user's own right to push."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liftgate.domain.commits import signature
from liftgate.integrations.git.repository import Repository
from tests.cli.conftest import AUTHOR, Folder, Said, git
from tests.examples import ALLOWED_SIGNERS, NOW, WORKER, private_text, text

Command = Callable[..., Said]
ADA = Ed25519PrivateKey.from_private_bytes(b"a" * 32)


@pytest.fixture
def command(clone: Folder, tmp_path: Path, liftgate: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> Command:
    """In a clone whose origin is a bare repository; Ada is who git says she is, and her key may lift pauses."""
    key = tmp_path / "ada_key"
    key.write_text(private_text(ADA))
    key.chmod(0o600)
    line = signature.allowed_line("ada@example.com", signature.MAINTAINER, signature.public_bytes(ADA))
    clone.put(".liftgate/allowed_signers", f"{ALLOWED_SIGNERS}{line}\n".encode())
    clone.commit("ada may")
    git(clone.path, "config", "gpg.format", "ssh")
    git(clone.path, "config", "user.signingkey", str(key))
    git(clone.path, "clone", "-q", "--bare", ".", str(tmp_path / "origin.git"))
    git(clone.path, "remote", "add", "origin", str(tmp_path / "origin.git"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    return lambda name, *arguments: liftgate(name, "--repo", str(clone.path), *arguments)


def branches(tmp_path: Path) -> list[str]:
    """Those that pause: what lifts a pause stays."""
    listed = git(tmp_path / "origin.git", "for-each-ref", "--format=%(refname:short)", "refs/heads/liftgate").split()
    return [branch for branch in listed if "/resume/" not in branch]


def test_everything_is_paused_and_resumed(command: Command, tmp_path: Path) -> None:
    paused = command("pause", "--reason", "the database is down", "--json")
    (pause,) = paused.data["pauses"]
    assert (pause["environment"], pause["reason"], pause["by"]) == ("", "the database is down", "Ada")
    assert paused.data["changed"] is True
    assert branches(tmp_path) == ["liftgate/pause-all"]
    assert "promotions are paused by Ada" in command("pause").out
    assert command("resume").out.strip() == "nothing is paused"
    assert branches(tmp_path) == []


def test_one_environment_is_paused(command: Command, tmp_path: Path) -> None:
    assert command("pause", "prod", "--reason", "freeze of the auditors").code == 0
    assert branches(tmp_path) == ["liftgate/pause/prod"]
    assert command("resume", "--json").data["changed"] is False, "the one for everything was never there"
    assert branches(tmp_path) == ["liftgate/pause/prod"]


def test_twice_is_harmless(command: Command, tmp_path: Path) -> None:
    assert command("pause", "--reason", "first").code == command("pause", "--reason", "second").code == 0
    assert "first" in command("pause").out
    assert command("resume").code == command("resume").code == 0


def test_the_status_says_so(command: Command, clone: Folder, liftgate: Callable[..., Said]) -> None:
    command("pause", "prod", "--reason", "freeze of the auditors")
    said = liftgate("status", "--repo", str(clone.path))
    assert "promotions to prod are paused by Ada" in said.out


def test_an_unknown_environment_names_the_nearest(command: Command) -> None:
    said = command("pause", "prd", "--reason", "x")
    assert (said.code, 'did you mean "prod"?' in said.err) == (3, True)


def test_without_an_origin_it_says_so(clone: Folder, liftgate: Callable[..., Said]) -> None:
    said = liftgate("pause", "--repo", str(clone.path), "--reason", "x")
    assert (said.code, said.err.count("\n")) == (3, 1)
    assert "no origin" in said.err


@pytest.mark.parametrize(("branch", "where"), [("liftgate/stop-all", ()), ("liftgate/stop/prod", ("prod",))])
def test_a_pause_under_the_older_name_is_seen_and_ends(
    command: Command, clone: Folder, tmp_path: Path, branch: str, where: tuple[str, ...]
) -> None:
    git(clone.path, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    assert command("pause", *where, "--reason", "x", "--json").data["changed"] is False
    assert command("resume", *where, "--json").data == {"ok": True, "pauses": [], "changed": True}
    assert branches(tmp_path) == []


@pytest.mark.parametrize("key", ["", "another"])
def test_without_a_key_that_may_lift_it_the_pause_stays_and_it_says_how(
    command: Command, clone: Folder, tmp_path: Path, key: str
) -> None:
    command("pause", "prod", "--reason", "incident 7")
    file = tmp_path / "another"
    file.write_text(private_text(WORKER))
    file.chmod(0o600)
    git(clone.path, "config", "user.signingkey", str(tmp_path / key) if key else "")
    said = command("resume", "prod")
    assert (said.code, branches(tmp_path)) == (3, ["liftgate/pause/prod"])
    assert "stays in force" in said.err
    assert "git and liftgate-pause" in said.err


def test_a_deleted_branch_lifts_nothing_once_the_pause_is_kept(command: Command, clone: Folder, tmp_path: Path) -> None:
    """As the status and the plan say, too."""
    paused = command("pause", "prod", "--reason", "incident 7", "--json").data["pauses"][0]
    note = {"statement": {name: paused[name] for name in ("reason", "by", "since")} | {"pause": paused["id"]}}
    files: dict[str, bytes | None] = {f"pauses/{paused['id']}.json": text(note)}
    origin = Repository(tmp_path / "origin.git")
    kept = origin.write("", files, "Paused\n", NOW, AUTHOR, None)
    git(origin_path := tmp_path / "origin.git", "update-ref", "refs/heads/liftgate/ledger", kept)
    git(origin_path, "update-ref", "-d", "refs/heads/liftgate/pause/prod")
    assert "its branch was deleted without a signed statement" in command("pause").out
    assert "its branch was deleted" in command("status").out
    assert command("resume", "prod").out.strip() == "nothing is paused"
