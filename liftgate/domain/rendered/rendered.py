"""What a commit changes in the cluster: its rendering compared with the current one, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import AwareDatetime

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json, Value
from liftgate.domain.planning.diff_text import visible
from liftgate.domain.rendered.fields import FieldChange, Kind, between, of_new
from liftgate.domain.rendered.pairs import Pair, pairs
from liftgate.domain.rendered.redactor import Redactor

ROWS: Final = 200
"""How many fields of one promotion are kept; the rest is counted."""
_FIELDS: Final = 40


class Manifests(Value):
    """The objects that one commit renders to, or an excerpt of the renderer's error."""

    objects: tuple[Json, ...] = ()
    broken: str = ""


class ObjectChange(Value):
    object: str
    """`Kind/name`, and the namespace if the manifest has one."""
    kind: Kind
    fields: tuple[FieldChange, ...] = ()
    more: int = 0
    """How many fields are not kept."""


class Part(Value):
    """One Argo CD Application. `sentence` says why it cannot be compared, or has other information."""

    application: str
    state: Literal["rendered", "missing", "broken", "unknown"]
    sentence: str = ""
    changes: tuple[ObjectChange, ...] = ()


class Rendered(Value):
    """All Argo CD Applications of an environment, at the time they were shown to people."""

    plan: str
    """Its hash."""
    head: str
    """The parent commit of the plan's commit."""
    at: AwareDatetime
    parts: tuple[Part, ...]

    @property
    def digest(self) -> str:
        """Of what people see, without times and sentences: equal for equal changes, whenever they are rendered."""
        parts = [part.model_dump(mode="json", exclude={"sentence"}) for part in self.parts]
        return digest(sorted(parts, key=lambda part: str(part["application"])))

    @property
    def is_certain(self) -> bool:
        """Whether rendering again would give the same result."""
        return all(part.state != "unknown" for part in self.parts)


def compare_rendered(application: str, now: Manifests, proposed: Manifests, rows: int = ROWS) -> Part:
    """At most `rows` fields are kept; equal lists in any order have no change."""
    if proposed.broken:
        return Part(
            application=application, state="broken", sentence=f"the proposed commit does not render: {proposed.broken}"
        )
    if now.broken:
        count = len(proposed.objects)
        sentence = f"the current commit does not render ({now.broken}); the proposed commit does, to {count} objects"
        return Part(application=application, state="rendered", sentence=sentence)
    veil = Redactor([*now.objects, *proposed.objects])
    found = _changes(pairs(now.objects, proposed.objects), veil, rows)
    return Part(application=application, state="rendered", changes=tuple(found))


def _changes(found: list[Pair], veil: Redactor, rows: int) -> Iterator[ObjectChange]:
    for pair in found:
        change = _change(pair, veil, min(rows, _FIELDS))
        rows -= len(change.fields)
        yield change


def _change(pair: Pair, veil: Redactor, rows: int) -> ObjectChange:
    one, other = (None if each is None else veil.over(each) for each in (pair.one, pair.other))
    where = f" in {pair.key.namespace}" if pair.key.namespace else ""
    called = visible(f"{pair.key.kind or 'no kind'}/{pair.key.name}{where}", 120)
    if other is None:
        return ObjectChange(object=called, kind="remove")
    fields = list(of_new(other) if one is None else between(one, other))
    kind: Kind = "add" if one is None else "replace"
    return ObjectChange(object=called, kind=kind, fields=tuple(fields[:rows]), more=max(0, len(fields) - rows))
