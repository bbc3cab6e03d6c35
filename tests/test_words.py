"""Plain words: what many readers stumble over stays out of the code and its documents."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from liftgate.runtime.project import project_root

ROOT: Final = project_root()
READ: Final = (
    *("liftgate", "flows", "tasks", "worker", "tools", "deployments"),
    *("docs", "README.md", "CONTRIBUTING.md", "prefect.yaml"),
)
"""What people read; not what was decided or released in its time, nor what a test needs to say."""
LEFT_OUT: Final = ("docs/decisions/", "docs/benchmarks.md")
FORBIDDEN: Final[dict[str, str]] = {
    r"nobody|somebody|whoever|whomever|anybody|everybody": "say who: a person, anyone, everyone, no person",
    r"gatehouse": "the Liftgate server",
    r"stop[- ]the[- ]line|the line is stopped": "pause, resume",
    r"asked by|asked for by": "requested by",
    r"out[- ]of[- ]band|past Git": "drift, outside Git",
    r"thereby|hasten|wherefore|whilst|hitherto": "a modern word",
    r"all the same": "nevertheless, or nothing",
    r"one more than usual": "say how many approvals are needed, and why",
    r"answers well|is ill|are ill": "healthy, unhealthy",
}
"""Pattern, and what to write instead."""
EXCEPTIONS: Final = {
    "liftgate/domain/approval/requester.py": "reads what was written before the server had its name",
    "liftgate/runtime/postgres.py": "the name of a system user",
    "docs/maintain/versioning.md": "says which older forms are still read",
}


def texts() -> dict[str, list[str]]:
    listed = subprocess.run(["git", "ls-files", *READ], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kinds = (".py", ".md", ".html", ".js", ".yaml", ".toml")
    names = [name for name in listed.split("\n") if name.endswith(kinds) and not name.startswith(LEFT_OUT)]
    return {name: Path(ROOT, name).read_text().split("\n") for name in names}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_plain_words_only(pattern: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, lines in texts().items()
        if name not in EXCEPTIONS
        for number, line in enumerate(lines, 1)
        if re.search(rf"\b(?:{pattern})\b", line, re.IGNORECASE)
    ]
    assert not found, f"write instead: {FORBIDDEN[pattern]}\n" + "\n".join(found)


def test_every_exception_is_needed() -> None:
    every = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in FORBIDDEN), re.IGNORECASE)
    there = {name: "\n".join(lines) for name, lines in texts().items()}
    assert [name for name in EXCEPTIONS if name in there and not every.search(there[name])] == []
