"""Processor seconds by program of a running world, from proc(5)."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

WORKER, SIGNER, FLOWS, MACHINE = "worker", "signer process", "flows", "machine"
EVERY: Final = 0.2
"""Seconds between two looks at the flows. What one uses after the last look is not counted: the kernel forgets it,
because the zygote waits for no keeper."""
_ZYGOTE, _SIGNER = b"liftgate-zygote", b"worker.signer"
_TICK: Final = os.sysconf("SC_CLK_TCK")


class _Process(NamedTuple):
    parent: int
    seconds: float
    """Its own, and those of its children that ended."""


class Usage:
    """Of programs, by name and process; WORKER is one of them. Its flows and its signer process count apart."""

    def __init__(self, programs: Mapping[str, int]) -> None:
        self._programs = programs
        self._flows: dict[int, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Without it, flows that end are not counted."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(EVERY):
                self.spent()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def spent(self) -> dict[str, float]:
        """Seconds by program since it began, of all that it started too, and those of the whole machine."""
        with self._lock:
            trees = _Trees()
            worker = self._programs[WORKER]
            signers = [*trees.named(_SIGNER, worker)]
            keepers = [keeper for zygote in trees.named(_ZYGOTE, worker) for keeper in trees.below[zygote]]
            for keeper in keepers:
                self._flows[keeper] = max(self._flows.get(keeper, 0.0), trees.seconds(keeper))
            apart = {*signers, *keepers}
            found = {name: trees.seconds(top, apart) for name, top in self._programs.items()}
            found[SIGNER] = sum(map(trees.seconds, signers))
            found[FLOWS] = sum(self._flows.values())
            found[MACHINE] = _machine()
            return found


class _Trees:
    """The processes of now."""

    def __init__(self) -> None:
        self._all: dict[int, _Process] = {}
        self.below: defaultdict[int, list[int]] = defaultdict(list)
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError):
                    fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
                    found = _Process(int(fields[1]), sum(map(int, fields[11:15])) / _TICK)
                    self._all[int(folder.name)] = found
                    self.below[found.parent].append(int(folder.name))

    def seconds(self, top: int, without: Container[int] = ()) -> float:
        """Of the process and all below it: what a child used moves to its parent when it ends."""
        own = self._all[top].seconds if top in self._all else 0.0
        return own + sum(self.seconds(each, without) for each in self.below[top] if each not in without)

    def named(self, name: bytes, top: int) -> Iterator[int]:
        """Processes right below that have the name or run the module."""
        for process in self.below[top]:
            with suppress(OSError):
                folder = Path(f"/proc/{process}")
                if name in (folder / "comm").read_bytes() + (folder / "cmdline").read_bytes():
                    yield process


def _machine() -> float:
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:])
    return (user + nice + system) / _TICK
