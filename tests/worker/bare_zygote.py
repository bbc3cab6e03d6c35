"""A zygote that has imported no flow and nothing of Prefect: it starts at once, and its runs end at once."""

from __future__ import annotations

import sys

from worker import child, sources, zygote


def nothing() -> None:
    """In place of what takes seconds."""


def end(flow: str, run: str) -> None:
    """The flow of every run."""


if __name__ == "__main__":
    setattr(sources, "preload", nothing)  # noqa: B010 - mypy accepts no other form of a patch
    setattr(child, "rehearse", nothing)  # noqa: B010 - as above
    zygote.main(*map(int, sys.argv[1:]), start=end, program="tests.worker.bare_zygote")
