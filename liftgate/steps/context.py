"""What a step is given: everything it may look at, so that it needs nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from liftgate.domain.pointer import covers
from liftgate.domain.rules import Rules
from liftgate.domain.strict_json import Document, read
from liftgate.domain.value import Json, Value
from liftgate.domain.verdict import Verdict


class Allow(Value):
    """A finding somebody answers for: at the pointer (a pattern) and below it, until and with the day `until`."""

    pointer: str
    reason: str
    until: dt.date | None = None

    def is_over(self, today: dt.date) -> bool:
        return self.until is not None and today > self.until


@dataclass(frozen=True)
class Context:
    """One values file of one environment as it is, or as it would be after a plan.

    A dataclass, because a pydantic model has a `schema` of its own. `schema` None means the built-in one;
    `overlays` maps an environment to the schema that narrows it there; `settings` are this step's own.
    """

    application: str
    environment: str
    path: str
    data: bytes
    rules: Rules = field(default_factory=Rules)
    schema: Json | None = None
    overlays: Mapping[str, Json] = field(default_factory=dict)
    allow: tuple[Allow, ...] = ()
    today: dt.date = dt.date.max
    settings: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def document(self) -> Document:
        """Read once for all steps that share the context."""
        return read(self.data, name=self.path)

    def allowed(self, pointer: str) -> Allow | None:
        """The entry that covers the pointer: one that still holds before one that is over."""
        entries = [entry for entry in self.allow if covers(entry.pointer, pointer)]
        return min(entries, key=lambda entry: entry.is_over(self.today), default=None)


class Step(Protocol):
    """A named check or action of a stage; a module with a function `run` is one."""

    def run(self, context: Context, /) -> Verdict: ...
