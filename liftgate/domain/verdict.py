"""What a step or a gate concluded: passed, failed, pending or not configured, with a reason in a sentence."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.value import Value

State = Literal["passed", "failed", "pending", "not configured"]

SHOWN = 20
"""Findings that stand in a message; all of them are in the step's log."""


class Finding(Value):
    """One thing a step found: where, which rule, what is wrong and what to do. Never holds a secret's value."""

    place: str
    """`path:line:column` or a JSON pointer; what an editor can jump to."""
    rule: str
    message: str
    fix: str = ""
    blocking: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule}]" + (f" {self.fix}" if self.fix else "")


class Verdict(Value):
    state: State
    reason: str
    findings: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        return self.state == "failed"

    @property
    def passed(self) -> bool:
        return self.state == "passed"

    @property
    def in_full(self) -> str:
        """The reason, and a line for each finding; the rest is counted."""
        lines = [str(finding) for finding in self.findings if finding.blocking]
        more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        return "\n".join([self.reason, *lines[:SHOWN], *more])

    @property
    def pending(self) -> bool:
        return self.state == "pending"


def passed(reason: str, *findings: Finding) -> Verdict:
    return Verdict(state="passed", reason=reason, findings=findings)


def failed(reason: str, *findings: Finding) -> Verdict:
    return Verdict(state="failed", reason=reason, findings=findings)


def pending(reason: str) -> Verdict:
    return Verdict(state="pending", reason=reason)


def not_configured(reason: str) -> Verdict:
    """A step nobody set up; it neither passes nor fails, and people see that it did not look."""
    return Verdict(state="not configured", reason=reason)
