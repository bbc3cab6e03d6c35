"""The user's own git in a repository's folder: which branch it has, who they are, and its first commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shlex import join
from typing import Final

from liftgate.cli.answer import say
from liftgate.domain.names import is_name

BRANCH: Final = "main"
_ELSEWHERE: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git gives its hooks, and what would make it work in another repository."""


def branch_of(folder: Path) -> str:
    """The branch that the remote begins with, else the one that is checked out; `main` where there is none yet."""
    remote = _out(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    return remote.removeprefix("origin/") or _out(folder, "symbolic-ref", "--short", "HEAD") or BRANCH


def whoever_calls(folder: Path) -> dict[str, str]:
    """The user as one of `people`: a name and the e-mail address, as git knows them; empty where it knows nobody."""
    email = _out(folder, "config", "user.email")
    names = (email.partition("@")[0], _out(folder, "config", "user.name").partition(" ")[0])
    return next(({name.lower(): email} for name in names if is_name(name)), {})


def first_commit(folder: Path, paths: Sequence[str], message: str, url: str) -> tuple[str, list[str]]:
    """The new commit's short name, and the commands that are left to the user.

    A folder that is no repository becomes one, and `url` its origin. Where something is committed already, nothing is
    done: the user says what is committed to a branch of theirs.
    """
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet", "--initial-branch", BRANCH)
    if url and not _out(folder, "remote", "get-url", "origin"):
        _git(folder, "remote", "add", "origin", url)
    add, commit = ["add", "--force", "--", *paths], ["commit", "--quiet", "--message", message]
    by_hand = [join(["git", *add]), join(["git", *commit])] if paths else []
    if _out(folder, "rev-parse", "--verify", "--quiet", "HEAD"):
        return "", by_hand
    if not paths or _git(folder, *add).returncode or _git(folder, *_author(folder), *commit).returncode:
        return "", by_hand
    return _out(folder, "rev-parse", "--short", "HEAD"), []


def _author(folder: Path) -> tuple[str, ...]:
    """Options of git: on a machine where it does not know who calls, the first commit is ours."""
    if _out(folder, "var", "GIT_AUTHOR_IDENT"):
        return ()
    say("git does not know who you are, so the first commit is by Liftgate; tell it: git config --global user.name …")
    return ("-c", "user.name=Liftgate", "-c", "user.email=liftgate@localhost")


def _out(folder: Path, *arguments: str) -> str:
    """What it printed; empty when it failed, or the folder is no repository of its own."""
    is_about_the_user = arguments[0] in ("config", "var")
    if not is_about_the_user and not (folder / ".git").exists():
        return ""
    done = _git(folder, *arguments)
    return "" if done.returncode else done.stdout.strip()


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    command = ["git", "-C", str(there), *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
