"""Uses the user's git in the repository's folder: finds the branch and the user, and makes the first commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shlex import join
from typing import Final

from liftgate.cli.answer import say
from liftgate.domain.common.names import is_name
from liftgate.errors import Misconfigured
from liftgate.integrations.git.process import NO_GIT

BRANCH: Final = "main"
_IGNORED: Final = "!!"
_FEW: Final = 50
"""Paths that may stand in a command."""
_LIST: Final = "liftgate-init-paths"
"""Name of the file with more of them."""
_ADD: Final = ("add", "--force")
_COMMIT: Final = ("commit", "--quiet", "--message")
_ELSEWHERE: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""Git sets these for its hooks. They would make git work in another repository."""


def branch_of(folder: Path) -> str:
    """The remote's default branch, else the branch that is checked out, else `main`."""
    remote = _out(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    return remote.removeprefix("origin/") or _out(folder, "symbolic-ref", "--short", "HEAD") or BRANCH


def whoever_calls(folder: Path) -> dict[str, str]:
    """The user as an entry of `people`: name and e-mail address from git's configuration; empty if git has none."""
    email = _out(folder, "config", "user.email")
    names = (email.partition("@")[0], _out(folder, "config", "user.name").partition(" ")[0])
    return next(({name.lower(): email} for name in names if is_name(name)), {})


def first_commit(
    folder: Path, written: Sequence[str], theirs: Sequence[str], message: str, url: str
) -> tuple[str, list[str]]:
    """The new commit's short id, and the commands that the user must still run to commit what HEAD does not have.

    Makes the folder a repository if it is not one, with `url` as its origin. If it has commits, this commits nothing:
    the user decides what goes to their branch, and also about what git ignores of `theirs`.
    """
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet", "--initial-branch", BRANCH)
    if url and not _out(folder, "remote", "get-url", "origin"):
        _git(folder, "remote", "add", "origin", url)
    differing = _uncommitted(folder, sorted({*written, *theirs}))
    if _out(folder, "rev-parse", "--verify", "--quiet", "HEAD"):
        return "", by_hand(folder, [*differing], message)
    new = [path for path in written if path in differing]
    ignored = [path for path, state in differing.items() if state == _IGNORED and path not in {*new}]
    listed = "\0".join(path for path in differing if path not in {*ignored})
    if not differing or _git(folder, *_ADD, "--pathspec-from-file=-", "--pathspec-file-nul", stdin=listed).returncode:
        return "", by_hand(folder, [*differing], message)
    if _git(folder, *_author(folder), *_COMMIT, message).returncode:
        return "", by_hand(folder, [*differing], message)
    return _out(folder, "rev-parse", "--short", "HEAD"), by_hand(folder, ignored, message)


def by_hand(folder: Path, paths: Sequence[str], message: str) -> list[str]:
    """The commands that commit the paths. Many of them are in a file below `.git` that the first command reads: a
    command has a longest length."""
    if not paths:
        return []
    listed = ["--", *paths]
    if len(paths) > _FEW and (place := _out(folder, "rev-parse", "--git-path", _LIST)):
        with suppress(OSError):
            (folder / place).write_bytes(b"\0".join(map(os.fsencode, paths)))
            listed = [f"--pathspec-from-file={place}", "--pathspec-file-nul"]
    return [join(["git", *_ADD, *listed]), join(["git", *_COMMIT, message])]


def _uncommitted(folder: Path, paths: Sequence[str]) -> dict[str, str]:
    """Of the paths those whose file HEAD does not have as it is, with git's state of each; all, if git does not say."""
    options = ("--porcelain", "-z", "--no-renames", "--ignored", "--untracked-files=all")
    told = _git(folder, "status", *options, *(["--", *paths] if len(paths) <= _FEW else []))
    if told.returncode:
        return dict.fromkeys(paths, "")
    differing = {line[3:]: line[:2] for line in told.stdout.split("\0")}
    return {path: differing[path] for path in paths if path in differing}


def _author(folder: Path) -> tuple[str, ...]:
    """Options of git: if it does not know the user, Liftgate is the author of the first commit."""
    if _out(folder, "var", "GIT_AUTHOR_IDENT"):
        return ()
    say("git does not know your name, so Liftgate is the author; set it with: git config --global user.name …")
    return ("-c", "user.name=Liftgate", "-c", "user.email=liftgate@localhost")


def _out(folder: Path, *arguments: str) -> str:
    """What git printed; empty if it failed or the folder is not the root of a repository."""
    is_about_the_user = arguments[0] in ("config", "var")
    if not is_about_the_user and not (folder / ".git").exists():
        return ""
    done = _git(folder, *arguments)
    return "" if done.returncode else done.stdout.strip()


def _git(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    command = ["git", "-C", str(there), *arguments]
    try:
        return subprocess.run(
            command,
            env=variables,
            capture_output=True,
            text=True,
            errors="surrogateescape",  # names of files need not be UTF-8
            check=False,
            input=stdin,
        )
    except FileNotFoundError:
        raise Misconfigured(NO_GIT) from None
