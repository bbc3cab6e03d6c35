"""What the named steps of a promotion said, read from the lines its tasks printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from liftgate.domain.value import Value
from liftgate.domain.verdict import State

_LINE = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*): (passed|failed|pending|not configured): (.*)")


class Check(Value):
    step: str
    state: State
    reason: str


def checks(messages: Iterable[str]) -> tuple[Check, ...]:
    """The newest word of each step, in the order of their first; `messages` are oldest first."""
    found: dict[str, Check] = {}
    for message in messages:
        if said := _LINE.match(message):
            step, state, reason = said.groups()
            found[step] = Check.model_validate({"step": step, "state": state, "reason": reason})
    return tuple(found.values())
