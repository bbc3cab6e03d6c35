"""A command line called in this process, and a configuration repository in a folder."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from liftgate.cli import connection
from liftgate.cli.main import main
from liftgate.domain.commits import signature
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.git.repository import Author, Repository
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, WORKER, text, values

AUTHOR = Author(name="Ada", email="ada@example.com")
REPOSITORY_URL = "https://git.example.com/shop/config.git"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def liftgate(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Call it as `liftgate(*arguments, **settings)`; no setting of the caller's machine reaches it."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def call(*arguments: str, **environment: str) -> Said:
        connection.settings.cache_clear()
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return call


@dataclass(frozen=True)
class Folder:
    """A clone with a work tree."""

    path: Path

    def put(self, path: str, data: bytes) -> None:
        where = self.path / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(data)

    def commit(self, message: str = "by hand") -> str:
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "--allow-empty", "-m", message)
        return git(self.path, "rev-parse", "HEAD")

    def commit_of(self, path: str) -> str:
        """The newest commit that changed it."""
        return git(self.path, "log", "-n1", "--format=%H", "--", path)

    def record(self, *entries: Entry, garbled: str = "") -> None:
        """As if fetched: signed entries on origin's ledger branch; at `garbled` lies a file nested too deeply."""
        repository = Repository(self.path)
        files: dict[str, bytes | None] = {
            each.path: ledger.to_file(each, signature.sign(ledger.signable(each), WORKER, signature.LEDGER))
            for each in entries
        }
        files |= {garbled: b"[" * 200_000} if garbled else {}
        sha = repository.write("", files, "entries\n", NOW, AUTHOR, None)
        git(self.path, "update-ref", "refs/remotes/origin/liftgate/ledger", sha)


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Folder:
    return made_in(tmp_path)


def made_in(parent: Path) -> Folder:
    """`example-app` 1.4.1 everywhere and 1.4.2 in base, under the seed's blocks alone."""
    folder = Folder(parent / "config")
    folder.put("liftgate.json", text(SEED))
    folder.put(".liftgate/allowed_signers", ALLOWED_SIGNERS.encode())
    folder.put("configs/base/values.json", text(values("base", "1.4.2")))
    for name in ("dev", "staging", "prod"):
        folder.put(f"configs/{name}/values.json", text(values(name)))
    git(folder.path, "init", "-q", "-b", "main")
    folder.commit("Start")
    return folder


@pytest.fixture
def gitconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ada is who git says she is, by the returned file; no hook or template of the machine's user is obeyed."""
    file = tmp_path / "gitconfig"
    file.write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return file


@pytest.fixture
def made(tmp_path: Path, gitconfig: Path, liftgate: Callable[..., Said]) -> Folder:
    """What `init` makes beside the folder of its keys."""
    said = liftgate(
        "init", str(tmp_path / "repo"), "--repository", REPOSITORY_URL, "--people", "ada=ada@example.com,grace"
    )
    assert said.code == 0, said.err
    return Folder(tmp_path / "repo")
