"""Records which programs of a state folder run, one small file each, so that a second start finds the first."""

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
    """The boot id and the process's start time. A reused process number has other values."""
    details: Mapping[str, str]

    @property
    def is_alive(self) -> bool:
        return bool(self.born) and born(self.pid) == self.born


def write_record(folder: Path, name: str, pid: int, details: Mapping[str, str]) -> None:
    text = json.dumps(asdict(Record(pid=pid, born=born(pid), details=dict(details))))
    unfinished = _path(folder, name).with_suffix(".new")
    with unfinished.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # else a power cut can leave an empty file with this name
    unfinished.replace(_path(folder, name))


def read_record(folder: Path, name: str) -> Record | None:
    """The record of a program that is still running, or None."""
    record = load_record(folder, name)
    return record if record and record.is_alive else None


def load_record(folder: Path, name: str) -> Record | None:
    """The record, even of a program that no longer runs; None if it is missing or unreadable."""
    try:
        return Record(**json.loads(_path(folder, name).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def remove_record(folder: Path, name: str) -> None:
    _path(folder, name).unlink(missing_ok=True)


def born(pid: int) -> str:
    """When the process started: the boot id and the kernel's ticks since; empty for no process or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else _alive_elsewhere(pid)
    return "" if fields[0] == "Z" else f"{boot()} {fields[19]}"


@lru_cache(maxsize=1)
def boot() -> str:
    """The boot id: after a reboot, the same number with the same ticks is another process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _alive_elsewhere(pid: int) -> str:
    """Without /proc, it is only known that some process has this number."""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "unknown"


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"
