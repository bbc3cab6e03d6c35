"""Which programs of a state folder run: one small file each, so that a second start finds the first."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Record:
    pid: int
    born: str
    """The boot and the kernel's start time of the process: a number used again is another process."""
    details: Mapping[str, str]

    @property
    def is_alive(self) -> bool:
        return bool(self.born) and born(self.pid) == self.born


def write(folder: Path, name: str, pid: int, details: Mapping[str, str]) -> None:
    text = json.dumps(asdict(Record(pid=pid, born=born(pid), details=dict(details))))
    unfinished = _path(folder, name).with_suffix(".new")
    with unfinished.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # else a host that loses its power keeps the name of an empty file
    unfinished.replace(_path(folder, name))


def read(folder: Path, name: str) -> Record | None:
    """The record of a program that still runs, or None."""
    record = load(folder, name)
    return record if record and record.is_alive else None


def load(folder: Path, name: str) -> Record | None:
    """The record whether the program runs or not; None when there is none that can be read."""
    try:
        return Record(**json.loads(_path(folder, name).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def remove(folder: Path, name: str) -> None:
    _path(folder, name).unlink(missing_ok=True)


def born(pid: int) -> str:
    """When the process started: the boot, and the kernel's ticks since; empty when there is none, or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else _alive_elsewhere(pid)
    return "" if fields[0] == "Z" else f"{_boot()} {fields[19]}"


@lru_cache(maxsize=1)
def _boot() -> str:
    """After a reboot the same number with the same ticks is another process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _alive_elsewhere(pid: int) -> str:
    """Where there is no /proc, all that can be known is that some process has the number."""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "unknown"


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"
