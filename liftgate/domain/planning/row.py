"""A line of a plan for people: what happens at one pointer, with secrets masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.pointer import MISSING, escape
from liftgate.domain.planning.rules import OneFile, Rules
from liftgate.domain.secrets.masking import masked_pointer, masked_text
from liftgate.domain.secrets.secret import mask, masked_secret

Kind = Literal["conflict", "needs-value", "add", "remove", "replace", "kept", "pinned", "obsolete"]
BLOCKING: Final = ("conflict", "needs-value")


class Row(Value):
    """All texts are masked. `before` and `after` are "" if there is no value; `sentence` says why, or what to do."""

    pointer: Annotated[str, AfterValidator(masked_pointer)]
    file: OneFile = ""
    """The name of its file, where there are several."""
    kind: Kind
    before: str = ""
    after: str = ""
    sentence: Annotated[str, AfterValidator(masked_text)] = ""
    command: Annotated[str, AfterValidator(masked_text)] = ""
    """The exact command that a person must run; never cut."""

    @property
    def where(self) -> str:
        """`/a/b`, or where there are several files `values.json /a/b`."""
        return f"{self.file} {self.pointer}".strip()

    @property
    def is_blocking(self) -> bool:
        return self.kind in BLOCKING


def named(rows: Iterable[Row], file: str) -> tuple[Row, ...]:
    """The rows of a file, with its name where there are several."""
    return tuple(row.copy_with(file=file) for row in rows) if file else tuple(rows)


def shown(value: Json, pointer: str, rules: Rules) -> str:
    """The value, masked; also masks what the rules say is secret."""
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
