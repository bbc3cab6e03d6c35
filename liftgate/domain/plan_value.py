"""The plan as a value: what people approve and what is committed, for one content of one file."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from liftgate.domain.canonical import digest
from liftgate.domain.edit import Edit
from liftgate.domain.row import Row
from liftgate.domain.strict_json import Document, sound
from liftgate.domain.value import Json, Value
from liftgate.errors import Refused

_EMPTY = b"{}\n"


class Target(Value):
    """A values file as it is; `blob` is its git blob id and `data` its bytes, both empty if there is none."""

    environment: str
    path: str
    blob: str = ""
    data: bytes = b""

    @property
    def document(self) -> Document:
        """Raises Refused when the file is not sound JSON, or no object."""
        return document_of(self.data, self.path)


class Plan(Value):
    """`rows` say for people, masked, what `edits` do and do not do; `source` is the release's commit."""

    application: str
    environment: str
    release_id: str = ""
    version: str = ""
    source: str = ""
    path: str
    blob: str
    edits: tuple[Edit, ...]
    rows: tuple[Row, ...]
    policy_hash: str
    """Stands for all that decides about it: policy, rules, pins, checks, steps, schemas."""
    first_time: bool = False
    kind: Literal["promote", "update", "rollback"] = "promote"

    @cached_property
    def hash(self) -> str:
        """What an approval is for: what people read, and what decides; all else that a plan says follows from these.

        Not the base commit, so other people's commits void nothing.
        """
        covered: dict[str, Json] = {
            "application": self.application,
            "environment": self.environment,
            "kind": self.kind,
            "path": self.path,
            "blob": self.blob,
            "edits": [edit.model_dump() for edit in self.edits],
            "rows": [row.model_dump() for row in self.rows],
            "release": self.release_id,
            "version": self.version,
            "first time": self.first_time,
            "policy": self.policy_hash,
        }
        return digest(covered)

    @property
    def is_empty(self) -> bool:
        return not self.edits

    @property
    def blocking(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_blocking)


def document_of(data: bytes, path: str) -> Document:
    """The values, an empty object for no file; raises Refused when it is not sound JSON, or no object."""
    document = sound(data or _EMPTY, name=path)
    if not isinstance(document.value, dict):
        raise Refused(f"{path} must hold a JSON object.")
    return document
