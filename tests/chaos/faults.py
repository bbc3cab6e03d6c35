"""What breaks: each fault begins, and ends again after its time."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.chaos.plan import Fault
from tests.chaos.proxy import Mode
from tests.chaos.system import System
from worker.zygote import NAME

End = Callable[[], None]
SIGNALS: Final = {
    "kill": signal.SIGKILL,
    "terminate": signal.SIGTERM,
    "freeze": signal.SIGSTOP,
    "freeze for long": signal.SIGSTOP,
}
LIMITS: Final = {"full disk": (resource.RLIMIT_FSIZE, 0), "few files": (resource.RLIMIT_NOFILE, 12)}
"""What a process may still have. New processes of the zygote, which are the flows, inherit it."""


def begin(system: System, fault: Fault) -> End | None:
    """How to end it; None if there was nothing that it could strike."""
    if fault.kind in SIGNALS:
        return _signalled(system, fault)
    if fault.kind in LIMITS:
        return _limited(system, fault)
    if fault.kind == "no temporary folder":
        return _without_folder(system.folder / "tmp")
    link = system.links[fault.target]
    link.set(Mode(fault.kind))
    return lambda: link.set(Mode())


def _signalled(system: System, fault: Fault) -> End | None:
    process = find_process(system, fault.target)
    if process is None or not _send(process, SIGNALS[fault.kind]):
        return None

    def go_on() -> None:
        if SIGNALS[fault.kind] == signal.SIGSTOP:
            _send(process, signal.SIGCONT)

    return go_on


def _limited(system: System, fault: Fault) -> End | None:
    what, least = LIMITS[fault.kind]
    process = find_process(system, fault.target)
    if process is None:
        return None
    with suppress(ProcessLookupError):
        before = resource.prlimit(process, what)
        resource.prlimit(process, what, (least, before[1]))
        return lambda: _restored(process, what, before)
    return None


def _restored(process: int, what: int, before: tuple[int, int]) -> None:
    """Of a process and all that it started."""
    for each in (process, *_below(process)):
        with suppress(ProcessLookupError):
            resource.prlimit(each, what, before)


def _without_folder(folder: Path) -> End | None:
    """A file stands where the folder was: that hinders root as well, which may write to a read-only folder."""
    aside = folder.with_suffix(".aside")
    if not folder.is_dir() or aside.exists():
        return None
    folder.rename(aside)
    folder.touch()

    def back() -> None:
        folder.unlink()
        aside.rename(folder)

    return back


def _send(process: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, number)
        return True
    return False


def find_process(system: System, name: str) -> int | None:
    """The process of a program, or of a part of the worker; of several flows the newest."""
    if name in ("server", "worker", "prefect-server", "postgres"):
        return system.pid(name)
    worker = system.pid("worker")
    if worker is None:
        return None
    programs = {_command(each): each for each in _children(worker)}
    if name == "signer":
        return programs.get("worker.signer")
    zygote = programs.get(NAME)
    if name == "zygote" or zygote is None:
        return zygote
    keepers = _children(zygote)
    if name == "keeper":
        return max(keepers, default=None)
    return max((flow for keeper in keepers for flow in _children(keeper)), default=None)


def _command(process: int) -> str:
    """The module that a Python process runs, or the zygote's name."""
    with suppress(OSError):
        folder = Path(f"/proc/{process}")
        if (folder / "comm").read_text() == f"{NAME}\n":
            return NAME
        words = (folder / "cmdline").read_text().split("\0")
        return words[words.index("-m") + 1] if "-m" in words else ""
    return ""


def _children(process: int) -> list[int]:
    return [int(text) for text in _parents().get(str(process), ())]


def _below(process: int) -> Iterator[int]:
    for each in _children(process):
        yield each
        yield from _below(each)


def _parents() -> dict[str, list[str]]:
    """The processes of this machine by their parent's number."""
    found: dict[str, list[str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            found.setdefault(parent, []).append(folder.name)
    return found
