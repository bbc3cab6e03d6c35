"""A line of a plan for people: what happens at one pointer, with secrets masked."""

from __future__ import annotations

from typing import Final, Literal

from liftgate.domain.pointer import MISSING
from liftgate.domain.secret import mask
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

    @property
    def is_blocking(self) -> bool:
        return self.kind in BLOCKING


def shown(value: Json, pointer: str, owner: str) -> str:
    return "" if value is MISSING else mask(value, pointer, owner)
