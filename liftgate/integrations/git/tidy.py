"""A mirror's packs and loose objects are bounded: sometimes all of them become one pack.

Not by `git gc`: in a partial clone, git (seen with 2.39) leaves our own objects loose for good once the history of the
remote has them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.git.disk import ALONE, only
from liftgate.integrations.git.lock import Lock
from liftgate.integrations.git.process import Git

PACKS: Final = 30
"""Every fetch with something new makes one."""
LOOSE: Final = 2000
"""Every commit that we write makes some."""
URGENT: Final = 10.0
"""So many times these numbers are worth a delay of the runs of this machine."""
_UNUSED: Final = 30 * 86400.0
"""Seconds after which the mirror of another repository is removed. It would be made again."""
_ALONE: Final = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
"""The remote is not asked: other processes may wait for the lock."""
_FILTERS: Final = 20_000
"""Commits whose changed files one command notes, the oldest first; each takes some 0.2 ms, and a command has 60 s."""
_COMMANDS: Final = 10
"""So many at once; of a longer history, the next time notes more."""
_NOTED_FOR: Final = 3600.0
"""Seconds until newer commits are noted too: git looks at each of them for the newest change of a file."""
_NOTED_FOR_BUSY: Final = 86400.0
"""The same while runs are active here; it takes less than a second."""
_GRAPH: Final = Path("objects/info/commit-graph")
_FAILED: Final = "liftgate-not-packed"
_AGAIN: Final = 86400.0
"""Seconds until the next try after one that failed, for example because the repository is very large."""
_PARTS: Final = (".idx", ".rev", ".bitmap", ".promisor", ".pack")
"""Of a pack; without its index git does not use the rest."""


def untidiness(directory: Path) -> float:
    """1 or more: there are more packs or loose objects than there should be."""
    loose = sum(1 for _ in (directory / "objects").glob("[0-9a-f][0-9a-f]/*"))
    return max(len(_packs(directory)) / PACKS, loose / LOOSE)


def tidy(directory: Path, *, is_busy: bool) -> bool:
    """Whether all became one pack. While runs are active here (`is_busy`), only if it is urgent; never while another
    process has the mirror's lock. Other processes that need the lock wait, and it takes no longer than they wait.

    Before that is due for the first time, and sometimes after that, git notes which files each commit changed.
    """
    failed = directory / _FAILED
    is_due = untidiness(directory) >= (URGENT if is_busy else 1.0)
    if not (is_due or _has_unnoted(directory, is_busy=is_busy)) or (failed.exists() and _age(failed) < _AGAIN):
        return False
    try:
        with Lock(directory.with_suffix(".lock"), within=0.0) as lock:
            failed.touch()  # also if this process is killed
            git = Git(directory, only(directory, _ALONE), holds=[lock.fileno()])
            if is_due:
                _pack_all(directory, git, lock)
            _note_changed_files(git, lock)
            failed.unlink(missing_ok=True)
    except LiftgateError:
        return False
    return is_due


def remove_unused(directory: Path) -> None:
    """The mirrors beside this one that no process has locked for long: their repository is not set any more."""
    for file in directory.parent.glob("*.lock"):
        if file != directory.with_suffix(".lock") and _age(file) > _UNUSED:
            with suppress(Unavailable), Lock(file, within=0.0):
                shutil.rmtree(file.with_suffix(".git"), ignore_errors=True)
                file.unlink(missing_ok=True)


def _pack_all(directory: Path, git: Git, lock: Lock) -> None:
    """Nothing is lost: also objects that no branch has stay, and those that others write meanwhile stay where they are.
    Killed at any moment, it leaves some objects twice."""
    old = [pack for pack in _packs(directory) if _is_complete(pack)]
    names = git("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
    lock.touch()
    made = git("pack-objects", "-q", str(directory / "objects" / "pack" / "pack"), stdin=f"{names}\n".encode())
    lock.touch()
    new = directory / "objects" / "pack" / f"pack-{made}"
    # the remote has what these objects refer to, or will have it: so git takes a missing large file for no damage
    new.with_suffix(".promisor").touch()
    _remove(pack for pack in old if pack.stem != new.name)
    git("prune-packed", "--quiet")


def _has_unnoted(directory: Path, *, is_busy: bool) -> bool:
    """Whether it is worth noting which files the commits changed that came since the last time."""
    graph = directory / _GRAPH
    if not graph.exists():
        return not is_busy and (directory / "objects").is_dir()
    age = _age(graph)
    refs = [directory / "packed-refs", *(directory / "refs" / "heads").rglob("*")]
    return age > (_NOTED_FOR_BUSY if is_busy else _NOTED_FOR) and any(ref.exists() and _age(ref) < age for ref in refs)


def _note_changed_files(git: Git, lock: Lock) -> None:
    """So the history of one file needs no look at every tree."""
    commits = int(git("rev-list", "--count", "--all"))
    for _ in range(min(commits // _FILTERS + 1, _COMMANDS)):
        git("commit-graph", "write", "--reachable", "--changed-paths", f"--max-new-filters={_FILTERS}", "--no-progress")
        lock.touch()


def _packs(directory: Path) -> list[Path]:
    return list((directory / "objects" / "pack").glob("*.pack"))


def _is_complete(pack: Path) -> bool:
    """Or never will be. git writes the index last, and without the lock when it fetches a file that is missing."""
    return pack.with_suffix(".idx").exists() or _age(pack) > ALONE


def _remove(packs: Iterable[Path]) -> None:
    for pack in packs:
        for part in _PARTS:
            pack.with_suffix(part).unlink(missing_ok=True)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
