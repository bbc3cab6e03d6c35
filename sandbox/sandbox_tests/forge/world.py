"""A forge on a loopback port with people, a repository, and a real git client for each of them."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from liftgate_sandbox.forge import Forge

from sandbox_tests.plain import NO_CERTIFICATES

REPOSITORY = "team/config"
TOKENS = {
    "ada": "token-of-ada",
    "grace": "token-of-grace",
    "reader": "token-of-reader",
    "owner": "token-of-owner",
    "liftgate-bot": "token-of-the-bot",
}
GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(
    folder: Path, *arguments: str, check: bool = True, text: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**GIT, **environment},
        input=text,
        capture_output=True,
        text=True,
        check=check,
        timeout=30,
    )


def populate(forge: Forge) -> None:
    forge.add_user("ada", TOKENS["ada"])
    forge.add_user("grace", TOKENS["grace"])
    forge.add_user("reader", TOKENS["reader"], permission="read")
    forge.add_user("owner", TOKENS["owner"], permission="admin")
    forge.add_user("liftgate-bot", TOKENS["liftgate-bot"], bot=True)
    forge.create_repository(REPOSITORY)


@dataclass(frozen=True)
class World:
    """The forge, where it listens, and a folder for clones."""

    forge: Forge
    url: str
    folder: Path

    def remote(self, who: str = "ada") -> str:
        host = self.url.removeprefix("http://")
        return f"http://{who}:{TOKENS.get(who, who)}@{host}/{REPOSITORY}.git"

    @property
    def home(self) -> str:
        """The address of the repository itself in the API."""
        return f"{self.url}/api/v3/repos/{REPOSITORY}"

    def api(self, who: str = "ada") -> httpx.Client:
        return httpx.Client(
            verify=NO_CERTIFICATES,
            base_url=self.home,
            headers={"authorization": f"Bearer {TOKENS.get(who, who)}"},
            timeout=20,
        )

    def clone(self, who: str = "ada", *options: str) -> Path:
        name = f"clone-{len(list(self.folder.iterdir()))}"
        git(self.folder, "clone", "--quiet", *options, self.remote(who), name)
        return self.folder / name

    def commit(self, files: dict[str, str], *, branch: str = "main", who: str = "ada") -> str:
        """Commit files on top of a branch (made from main if new) and push; answers the commit."""
        clone = self.clone(who)
        if git(clone, "checkout", "--quiet", branch, check=False).returncode:
            git(clone, "checkout", "--quiet", "-b", branch)
        for path, text in files.items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_text(text)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", f"Change {', '.join(files)}")
        git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return git(clone, "rev-parse", "HEAD").stdout.strip()

    def plant(
        self,
        files: dict[str, str],
        *,
        branch: str = "main",
        start: str = "main",
        who: str = "ada",
        message: str = "",
        when: float | None = None,
    ) -> str:
        """Commit files straight into the bare repository, unseen by webhooks; a new branch forks `start`."""
        bare = self.forge.bare(REPOSITORY)
        parent = bare.branch(branch) or bare.branch(start)
        by = f"{who.title()} <{who}@example.com> {when or time.time():.0f} +0000"
        text = f"commit refs/heads/{branch}\nmark :1\ncommitter {by}\n"
        text += _data(message or f"Change {', '.join(files)}\n") + (f"from {parent}\n" if parent else "")
        text += "".join(f"M 100644 inline {path}\n{_data(content)}" for path, content in files.items())
        return git(bare.path, "fast-import", "--quiet", text=f"{text}\nget-mark :1\n").stdout.strip()

    def proposal(self, *, branch: str = "promote/1", who: str = "liftgate-bot", path: str = "b.json") -> str:
        """A pull request of a fresh branch that adds `path` to main; answers its address in the API."""
        if self.forge.bare(REPOSITORY).branch("main") is None:
            self.plant({"a.json": "{}\n"})
        self.plant({path: "[]\n"}, branch=branch)
        with self.api(who) as api:
            answer = api.post("/pulls", json={"title": f"Add {path}", "head": branch, "base": "main"})
        assert answer.status_code == 201, answer.text
        return f"/pulls/{answer.json()['number']}"

    def show(self, revision: str) -> str:
        return git(self.forge.bare(REPOSITORY).path, "show", revision).stdout


def _data(text: str) -> str:
    """As git-fast-import(1) reads it."""
    return f"data {len(text.encode())}\n{text}\n"
