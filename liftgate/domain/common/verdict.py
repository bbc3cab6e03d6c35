"""The result of a step or a gate: passed, failed, pending or not configured, with a reason in one sentence."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.common.value import Value
from liftgate.domain.common.words import first_of

State = Literal["passed", "failed", "pending", "not configured"]

SHOWN = 20
"""How many findings a message shows; the step's log has all of them."""


class Finding(Value):
    """One thing a step found: where, which rule, what is wrong and what to do. Never holds a secret's value."""

    place: str
    """`path:line:column`, to which an editor can jump, or a JSON pointer."""
    rule: str
    message: str
    fix: str = ""
    blocking: bool = True
    pointer: str = ""
    """JSON pointer of the value; empty for the whole file, or if the file could not be read so far."""

    @property
    def position(self) -> tuple[str, int, int]:
        """File, line and column of the place; 0 where they are not known."""
        file, *numbers = self.place.rsplit(":", 2)
        if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
            return self.place, 0, 0
        return file, int(numbers[0]), int(numbers[1])

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
        """The reason, and a line for each finding that is shown; the rest is counted."""
        lines = (str(finding) for finding in self.findings if finding.blocking)
        return "\n".join([self.reason, *first_of(lines, SHOWN)])

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
    """A step without settings: it neither passes nor fails, and people see that it checked nothing."""
    return Verdict(state="not configured", reason=reason)
