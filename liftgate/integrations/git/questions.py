"""What git is asked about history, as arguments: the answers are kept by them."""

from __future__ import annotations

from collections.abc import Sequence


def log_question(ref: str, paths: Sequence[str] = (), grep: str = "", limit: int = 0) -> tuple[str, ...]:
    """For the commits of the first-parent line, newest first."""
    most = [f"-n{limit}"] if limit else []
    words = ["--fixed-strings", f"--grep={grep}"] if grep else []
    return ("rev-list", "--first-parent", *most, *words, "--end-of-options", ref, "--", *paths)


def ancestor_question(older: str, newer: str) -> tuple[str, ...]:
    """Status 0 for yes, 1 for no."""
    return "merge-base", "--is-ancestor", older, newer
