"""Verdicts are found among everything else that tasks print."""

from __future__ import annotations

from liftgate.domain.board_checks import Check, checks


def test_the_newest_word_of_each_step_counts() -> None:
    said = [
        "Task run created",
        "json-lint: passed: 3 files are sound",
        "health-check: failed: database unreachable",
        "health-check: passed: 1 address answers well",
        "deployed after 1.2 s: Synced and Healthy",
        "integration-test: not configured: no command is named",
    ]
    assert checks(said) == (
        Check(step="json-lint", state="passed", reason="3 files are sound"),
        Check(step="health-check", state="passed", reason="1 address answers well"),
        Check(step="integration-test", state="not configured", reason="no command is named"),
    )
