"""The plan: what people approve and what is committed, made for one content of one file and for no other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from liftgate.domain.canonical import digest, same
from liftgate.domain.edit import Edit, apply_to_value
from liftgate.domain.merge import merge
from liftgate.domain.pins import Pin
from liftgate.domain.release import Release
from liftgate.domain.row import Row
from liftgate.domain.rules import Rules
from liftgate.domain.strict_json import Document, read, sound
from liftgate.domain.text_edit import apply as apply_to_text
from liftgate.domain.value import Json, Value
from liftgate.errors import Refused

_EMPTY = b"{}\n"


class Target(Value):
    """A values file as it is now; `blob` is its git blob id and `data` its bytes, both empty while there is none."""

    environment: str
    path: str
    blob: str = ""
    data: bytes = b""

    @property
    def document(self) -> Document:
        """Raises Refused when the file is not sound JSON, or no object."""
        return document_of(self.data, self.path)


class Plan(Value):
    """`rows` say for people, secrets masked, what `edits` do and do not do; `source` is the release's commit."""

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
    first_time: bool = False
    kind: Literal["promote", "update", "rollback"] = "promote"

    @cached_property
    def hash(self) -> str:
        """What an approval is for: not the base commit, so other people's commits void nothing."""
        covered: dict[str, Json] = {
            "blob": self.blob,
            "edits": [edit.model_dump() for edit in self.edits],
            "path": self.path,
            "policy": self.policy_hash,
            "release": self.release_id,
        }
        return digest(covered)

    @property
    def is_empty(self) -> bool:
        return not self.edits

    @property
    def blocking(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_blocking)


def make(  # noqa: PLR0913 - everything a plan depends on, so that nothing else can change it
    release: Release,
    *,
    base: Release | None,
    target: Target,
    rules: Rules,
    policy_hash: str,
    pins: Sequence[Pin] = (),
) -> Plan:
    """Plan the release into the target; `base` is the release last promoted there, and pins must be active.

    Raises Refused when the target's file is not sound JSON.
    """
    merged = merge(
        base=base.content if base else None,
        release=release.content,
        target=target.document.value,
        rules=rules,
        pins=pins,
        needs=release.needs,
        base_needs=base.needs if base else (),
    )
    return Plan(
        application=release.application,
        environment=target.environment,
        release_id=release.id,
        version=release.version,
        source=release.source,
        path=target.path,
        blob=target.blob,
        edits=merged.edits,
        rows=merged.rows,
        policy_hash=policy_hash,
        first_time=base is None,
    )


def apply(plan: Plan, data: bytes, blob: str) -> bytes:
    """The file after the plan; raises Refused when it is not the file the plan was made for."""
    if blob != plan.blob:
        raise Refused(f"The plan was made for another content of {plan.path}: make a new plan.")
    if plan.is_empty:
        return data
    document = document_of(data, plan.path)
    wanted = apply_to_value(document.value, plan.edits)
    result = apply_to_text(document, plan.edits).encode()
    if not same(read(result).value, wanted):
        raise Refused(f"The edits of {plan.path} cannot be written so that they read back the same.")
    return result


def document_of(data: bytes, path: str) -> Document:
    """The values file's document, an empty object for no file; raises Refused when it is not sound, or no object."""
    document = sound(data or _EMPTY, name=path)
    if not isinstance(document.value, dict):
        raise Refused(f"{path} must hold a JSON object.")
    return document
