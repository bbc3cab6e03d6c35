"""The result of a check of a change by hand: its findings, and what it does in each environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from liftgate.domain.approval.gate import Decision
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict
from liftgate.domain.common.words import in_words
from liftgate.domain.planning.row import Row
from liftgate.domain.rendered.rendered import Part
from liftgate.domain.secrets.secret import Owner

State = Literal["success", "pending", "failure"]


class CheckedPlace(Value):
    """One application in one environment."""

    environment: str
    application: str = ""
    """Empty for files of the environment that belong to no application."""
    paths: tuple[str, ...] = ()
    """The values files that it touches."""
    others: tuple[str, ...] = ()
    """Other files that it touches there."""
    rows: Mapping[Owner, tuple[Row, ...]] = Field(default_factory=dict)
    unread: str = ""
    """Why there are no rows, if the values cannot be read."""
    version: str = ""
    """Of the release that the values are after the change; empty if no value of the release changes."""
    rendered: tuple[Part, ...] = ()
    """What changes in the cluster, by Argo CD Application; empty if nothing was rendered."""
    policy: tuple[str, ...] = ()
    """What the environment asks, in sentences."""
    gates: Mapping[str, Verdict] = Field(default_factory=dict)
    uncounted: tuple[str, ...] = ()
    """Logins whose reviews do not count, because `people` does not have them."""
    decision: Decision = Decision(state="open", reason="no gate")


class CheckedChange(Value):
    base: str
    """Where the change began: the newest commit that it shares with the branch it goes to."""
    head: str
    findings: tuple[Finding, ...] = ()
    places: tuple[CheckedPlace, ...] = ()
    """In the order of the pipeline."""
    sources: tuple[str, ...] = ()
    """Files that releases come from, outside of the environments."""
    is_configuration: bool = False
    """Whether it changes `liftgate.json` or the keys in `.liftgate/`."""
    is_misconfigured: bool = False
    """Whether a finding is outside of values."""

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(place.environment for place in self.places))

    @property
    def has_failed(self) -> bool:
        return any(finding.blocking for finding in self.findings)

    @property
    def concerns_liftgate(self) -> bool:
        """Whether there is anything to say about it."""
        return bool(self.places or self.sources or self.findings or self.is_configuration)

    @property
    def state(self) -> State:
        """Of the commit status: `success` only when the change has no mistake and all gates are open."""
        states = {place.decision.state for place in self.places}
        if self.has_failed or states - {"open", "waiting"}:
            return "failure"
        return "pending" if "waiting" in states else "success"

    @property
    def sentence(self) -> str:
        """For the commit status: why it is red, yellow or green."""
        if self.has_failed:
            count = sum(finding.blocking for finding in self.findings)
            return f"{count} {'mistake' if count == 1 else 'mistakes'} to correct"
        closed = [place for place in self.places if not place.decision.opens]
        if worst := next((place for place in closed if not place.decision.waits), next(iter(closed), None)):
            return f"{worst.environment}: {worst.decision.reason}"
        if self.environments:
            return f"may change {in_words(self.environments)}"
        return "changes no environment"
