"""The cores and the memory that this process may use: the machine's, or the container's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

GROUP: Final = Path("/sys/fs/cgroup")
"""In a container, cgroups(7) of version 2 show its limits here."""


def cores(group: Path = GROUP) -> int:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text(group / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        usable = min(usable, round(int(quota) / int(period)))
    return max(1, usable)


def memory(group: Path = GROUP) -> int:
    """Bytes."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    allowed = _text(group / "memory.max")
    return min(there, int(allowed)) if allowed.isdigit() else there


def _text(file: Path) -> str:
    """Empty if there is no such file."""
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
