"""Asks one question in a process that has nothing in memory.

Prints milliseconds of processor time, of wall time, and of the processor time that the remote spent: that is not in the
first number.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Final

from liftgate.cli import main as cli
from liftgate.domain.approval.requester import Requester
from liftgate.domain.drift.record import Drifting
from liftgate.domain.promotion.attempt import Attempt
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services import begin, commit_plan, planning
from liftgate.services.board import board
from liftgate.services.choose_release import choose_release
from liftgate.services.merge_base import entries_for
from liftgate.settings import Settings
from liftgate.settings.sections import Repository
from liftgate.wiring import Integrations
from tools.bench.long_history import KEY, PLACES

_NEW: Final = "ffffffff-0000-4000-8000-000000000000"
"""A promotion that has nothing yet."""


@dataclass
class Asked:
    """Of the mirror in the folder `state`, and of the clone."""

    url: str
    state: Path
    clone: Path

    @cached_property
    def at(self) -> Integrations:
        at = Integrations(Settings(repository=Repository(url=self.url), state=self.state))
        at.runs = InMemoryRuns(SystemClock()).runs()
        return at

    @cached_property
    def tree(self) -> ConfigSnapshot:
        return self.at.latest

    name: str = "app-007"

    def begin(self) -> None:
        entries = self.at.entries(self.name)
        begin.reached(self.at, _NEW, entries)
        begin.rollback_reason(self.at, self.tree.commit, _NEW)
        choose_release(self.tree, entries, self.name, PLACES[2], "")

    def gate(self) -> None:
        release = self.tree.newest_release(self.name)
        entries = entries_for(self.at, self.tree, self.name, PLACES[2])
        planning.promote(self.tree, release, PLACES[2], self.at.clock.now().date(), entries)

    def commit(self) -> None:
        commit_plan.wait_for_others(self.at, self._promotion, self.tree.commit)  # type: ignore[arg-type]

    @property
    def _promotion(self) -> Attempt:
        return Attempt(
            id=_NEW,
            kind="promote",
            application=self.name,
            environment=PLACES[1],
            argocd=(),
            paths=(f"configs/{PLACES[1]}/{self.name}/values.json",),
            head=self.tree.commit,
            requester=Requester(name="rosa"),
            requested_at=self.at.clock.now(),
        )

    def record(self) -> None:
        number = f"{time.time_ns() % 10**12:012}"
        now = self.at.clock.now()
        old = self.at.entries(self.name)[-1]
        entry = old.copy_with(promotion=f"{_NEW[:24]}{number}", times=old.times.copy_with(finished=now))
        git_branch.append_entry(self.at.git, entry, {"": b"{}\n"}, self.at.author, KEY)

    def board(self) -> None:
        board(self.at, Drifting())

    def status(self) -> None:
        self._command("status")

    def history(self) -> None:
        self._command("history")

    def report(self) -> None:
        self._command("report")

    def plan(self) -> None:
        self._command("plan", self.name, "--to", PLACES[2])

    def _command(self, *words: str) -> None:
        with redirect_stdout(StringIO()):
            cli.main([*words, "--repo", str(self.clone)])


OF_MIRROR: Final = ("begin", "gate", "commit", "record", "board")
OF_CLONE: Final = ("status", "history", "report", "plan")


def spent_by_remote(state: Path) -> Path:
    """The file to which `remote_program` adds."""
    return state / "spent-by-remote"


def _processor() -> float:
    """Seconds of this process and of those that it started, also of those that go on (proc(5))."""
    used = sum(sum(resource.getrusage(of)[:2]) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            used += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
    return used


def _measured(call: Callable[[], None], spent: Path) -> tuple[float, float, float]:
    spent.write_text("")
    began, wall = _processor(), time.perf_counter()
    call()
    ended, used = time.perf_counter(), _processor() - began
    told = [[float(word) for word in line.split()] for line in spent.read_text().splitlines()]
    return (used - sum(map(sum, told))) * 1000, (ended - wall) * 1000, sum(remote for remote, _ in told) * 1000


if __name__ == "__main__":
    question, url, state, clone = sys.argv[1:]
    asked = Asked(url, Path(state), Path(clone))
    if question in OF_MIRROR:
        asked.tree.applications  # noqa: B018  the mirror is there, and the configuration is read
    print(*_measured(getattr(asked, question), spent_by_remote(asked.state)))
