"""The plan as a value: what people approve and Liftgate commits, for one content of one file."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.strict import Document, sound
from liftgate.domain.planning.row import Row
from liftgate.errors import Refused

_EMPTY = b"{}\n"


class Target(Value):
    """A values file; `blob` is its git blob id and `data` its bytes, both empty if the file does not exist."""

    environment: str
    path: str
    blob: str = ""
    data: bytes = b""

    @property
    def document(self) -> Document:
        """Raises Refused if the file is not valid JSON, or not an object."""
        return document_of(self.data, self.path)


class Plan(Value):
    """`rows` tell people, masked, what `edits` change and do not change; `source` is the release's commit, and
    `source_path` its file there."""

    application: str
    environment: str
    release_id: str = ""
    version: str = ""
    source: str = ""
    source_path: str = ""
    path: str
    blob: str
    edits: tuple[Edit, ...]
    rows: tuple[Row, ...]
    policy_hash: str
    """A digest of everything that decides about the plan: policy, rules, pins, checks, steps, schemas."""
    first_time: bool = False
    kind: Literal["promote", "update", "rollback"] = "promote"

    @cached_property
    def hash(self) -> str:
        """The digest that people approve: of what they read and of what decides. The rest of the plan follows from it.

        The base commit is not part of it, so other people's commits void nothing.
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
    """The values, an empty object for no file; raises Refused if it is not valid JSON, or not an object."""
    document = sound(data or _EMPTY, name=path)
    if not isinstance(document.value, dict):
        raise Refused(f"{path} must hold a JSON object.")
    return document
