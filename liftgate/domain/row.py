"""A line of a plan for people: what happens at one pointer, with secrets masked."""

from __future__ import annotations

from typing import Final, Literal

from liftgate.domain.pointer import MISSING, escape
from liftgate.domain.rules import Rules
from liftgate.domain.secret import mask, masked_secret
from liftgate.domain.value import Json, Value

Kind = Literal["conflict", "needs-value", "add", "remove", "replace", "kept", "pinned", "obsolete"]
BLOCKING: Final = ("conflict", "needs-value")


class Row(Value):
    """`before` and `after` are masked, "" where there is no value; `sentence` says why, or what to do."""

    pointer: str
    kind: Kind
    before: str = ""
    after: str = ""
    sentence: str = ""
    command: str = ""
    """What somebody must run, exactly; shown whole."""

    @property
    def is_blocking(self) -> bool:
        return self.kind in BLOCKING


def shown(value: Json, pointer: str, rules: Rules) -> str:
    """The value masked, whatever in it is secret by rule included."""
    if value is MISSING:
        return ""
    owner = rules.owner(pointer)
    return mask(value if owner == "secret" else _hidden(value, pointer, rules), pointer, owner)


def _hidden(value: Json, pointer: str, rules: Rules) -> Json:
    if isinstance(value, dict):
        return {key: _hidden(below, f"{pointer}/{escape(key)}", rules) for key, below in value.items()}
    if isinstance(value, list):
        return [_hidden(below, f"{pointer}/{index}", rules) for index, below in enumerate(value)]
    return masked_secret(value) if rules.owner(pointer, value) == "secret" else value
