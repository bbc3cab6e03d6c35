"""The plan as a value: what people approve and Liftgate commits, for one content of one file."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.strict import Document, sound
from liftgate.domain.planning.row import Row
from liftgate.domain.planning.rules import OneFile
from liftgate.errors import Refused

_EMPTY = b"{}\n"


class Target(Value):
    """A values file; `blob` is its git blob id and `data` its bytes, both empty if the file does not exist."""

    environment: str
    file: str = ""
    """Its name, where the application has several."""
    path: str
    blob: str = ""
    data: bytes = b""

    @property
    def document(self) -> Document:
        """Raises Refused if the file is not valid JSON, or not an object."""
        return document_of(self.data, self.path)


class FilePlan(Value):
    """What a plan changes in one values file of the environment; nothing where there are no edits."""

    file: OneFile = ""
    """Its name, the same in all environments; empty for the only file of an application."""
    path: str
    blob: str
    edits: tuple[Edit, ...] = ()


class Plan(Value):
    """`rows` tell people, masked, what the edits of the files change and do not change; `source` is the release's
    commit, and `source_paths` its files there."""

    application: str
    environment: str
    release_id: str = ""
    version: str = ""
    source: str = ""
    source_paths: tuple[str, ...] = ()
    files: tuple[FilePlan, ...]
    """The files that the environment has after the plan, by name."""
    rows: tuple[Row, ...]
    policy_hash: str
    """A digest of everything that decides about the plan: policy, rules, pins, checks, steps, schemas."""
    first_time: bool = False
    kind: Literal["promote", "update", "rollback"] = "promote"
    older_than: str = ""
    """What the environment has, if the release is older: its version, or the start of its release's commit."""
    allow_downgrade: bool = False
    """Whether the request allows that."""

    @cached_property
    def hash(self) -> str:
        """The digest that people approve: of what they read and of what decides. The rest of the plan follows from it.

        The base commit is not part of it, so other people's commits void nothing.
        """
        covered: dict[str, Json] = {
            "application": self.application,
            "environment": self.environment,
            "kind": self.kind,
            "rows": [row.model_dump() for row in self.rows],
            "release": self.release_id,
            "version": self.version,
            "policy": self.policy_hash,
            **self._covered_files,
        }
        if self.older_than:
            covered["older than"] = {"there": self.older_than, "allowed": self.allow_downgrade}
        return digest(covered)

    @property
    def _covered_files(self) -> dict[str, Json]:
        dumped = [each.model_dump() for each in self.files]
        return dumped[0] if len(dumped) == 1 and not self.files[0].file else {"files": dumped}

    @property
    def paths(self) -> tuple[str, ...]:
        """The environment's files after the plan."""
        return tuple(each.path for each in self.files)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Those of all files."""
        return tuple(edit for each in self.files for edit in each.edits)

    @property
    def refused_downgrade(self) -> str:
        """Why it may not go there, and what to do, if its release is older and that is not allowed; else empty."""
        if not self.older_than or self.allow_downgrade:
            return ""
        return (
            f"{self.version or 'this release'} is older than {self.older_than}, which {self.environment} has: to go "
            "back, use liftgate rollback; to promote the older release anyway, start the promotion with "
            "--allow-downgrade (in the form: allow_downgrade)"
        )

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
