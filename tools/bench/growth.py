"""What a long past costs: the same questions about a repository with few promotions and with many."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.tidy import tidy
from tools.bench.growth_program import OF_CLONE, OF_MIRROR, spent_by_remote
from tools.bench.long_history import WITHIN, Past
from tools.bench.timing import Row, table

APPLICATIONS, FEW, MANY = 500, 60, 10_000
TIMES: Final = 9
_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_REMOTE: Final = Path(__file__).with_name("remote_program.py")


class Took(NamedTuple):
    """Milliseconds."""

    processor: float
    wall: float
    remote: float
    """Processor time of the remote."""


class World:
    def __init__(self, folder: Path, applications: int, promotions: int) -> None:
        self._past = Past(folder / "config.git", applications, promotions)
        self._state, self._clone = folder / "state", folder / "clone"
        self._past.make()
        _pack_as_a_forge_does(Git(self._past.directory))
        mirror = Mirror(self._state, str(self._past.directory), "main")
        mirror.fetch()
        for number in range(30):  # packs enough for the collection that the server makes
            (mirror.directory / "objects" / "pack" / f"pack-{number:040}.pack").touch()
        tidy(mirror.directory, is_busy=False)
        program = f"{sys.executable} -I -S {_REMOTE} {spent_by_remote(self._state)} git-receive-pack"
        mirror.git("config", "remote.origin.receivepack", program)
        Git(folder)("clone", "-q", str(self._past.directory), str(self._clone))

    def ask(self, question: str) -> Took:
        """In a process of its own."""
        command = [sys.executable, "-m", "tools.bench.growth_program", question]
        places = [str(self._past.directory), str(self._state), str(self._clone)]
        done = subprocess.run([*command, *places], cwd=_REPOSITORY, check=True, capture_output=True, text=True)
        return Took(*map(float, done.stdout.split()[-3:]))


def report(applications: int = APPLICATIONS, few: int = FEW, many: int = MANY) -> str:
    """The section of `./dev bench`, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        worlds = [World(Path(made) / f"{number}", applications, number) for number in (few, many)]
        first = [world.ask("board").processor / 1000 + world.ask("history").processor / 1000 for world in worlds][1]
        rows = [_row(worlds, question) for question in (*OF_MIRROR, *OF_CLONE)]
    ours, remote = (
        [f"{number:,}: ms" for number in (few, many)],
        [f"{number:,}: the remote's" for number in (few, many)],
    )
    head = ("question", *ours, "times the processor time", "times the wall time", *remote)
    return (
        f"{applications} applications in 3 environments, {few:,} or {many:,} promotions, each after a person's commit. "
        "Milliseconds of processor time, git's included, of one question in a process that has just begun; the median "
        f"of {TIMES}. What the remote spends to check what it is sent is apart; it is packed as a forge packs it. "
        f"The index is there. To make it took {first:.1f} s, in the mirror and in the clone.\n\n"
        f"{table(head, rows)}"
    )


def _row(worlds: list[World], question: str) -> Row:
    took = list(zip(*[[world.ask(question) for world in worlds] for _ in range(TIMES)], strict=True))
    few, many = (Took(*map(statistics.median, zip(*each, strict=True))) for each in took)
    ratios = [f"{many[number] / max(few[number], 1.0):.2f}" for number in range(2)]
    remote = [f"{each.remote:.0f}" if each.remote else "" for each in (few, many)]
    return (question, f"{few.processor:.0f}", f"{many.processor:.0f}", *ratios, *remote)


def _pack_as_a_forge_does(git: Git) -> None:
    """One pack with a bitmap, and a commit graph."""
    for words in (("repack", "-adbq"), ("commit-graph", "write", "--reachable", "--changed-paths", "--no-progress")):
        if (result := git.run(*words, timeout=WITHIN)).status:
            raise result.failure(words[0])


def small() -> str:
    return report(applications=20, few=10, many=60)


if __name__ == "__main__":
    print(small() if "--small" in sys.argv else report())
