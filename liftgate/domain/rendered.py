"""What a commit changes in the cluster: what it renders to beside what is there now, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import AwareDatetime

from liftgate.domain.diff_text import visible
from liftgate.domain.rendered_fields import FieldChange, Kind, between, of_new
from liftgate.domain.rendered_pairs import Pair, pairs
from liftgate.domain.rendered_veil import Veil
from liftgate.domain.value import Json, Value

ROWS: Final = 200
"""Fields that are kept of one promotion; the rest is counted."""
_FIELDS: Final = 40


class Manifests(Value):
    """What one commit renders to, or the renderer's last words."""

    objects: tuple[Json, ...] = ()
    broken: str = ""


class ObjectChange(Value):
    object: str
    """`Kind/name`, and the namespace where the manifest names one."""
    kind: Kind
    fields: tuple[FieldChange, ...] = ()
    more: int = 0
    """Fields that are not kept."""


class Part(Value):
    """One Application. `sentence` says why nothing can be compared, or what else is to be known."""

    application: str
    state: Literal["rendered", "missing", "broken", "unknown"]
    sentence: str = ""
    changes: tuple[ObjectChange, ...] = ()


class Rendered(Value):
    """All Applications of an environment, as they were when people were shown them."""

    plan: str
    """Its hash."""
    head: str
    """The commit the plan was put on."""
    at: AwareDatetime
    parts: tuple[Part, ...]

    @property
    def is_certain(self) -> bool:
        """Whether looking again would tell nothing new."""
        return all(part.state != "unknown" for part in self.parts)


def compare(application: str, now: Manifests, proposed: Manifests, rows: int = ROWS) -> Part:
    """At most so many fields are kept; equal lists, in whatever order, have no change."""
    if proposed.broken:
        return Part(
            application=application, state="broken", sentence=f"the proposed commit does not render: {proposed.broken}"
        )
    if now.broken:
        count = len(proposed.objects)
        sentence = f"what is there now does not render ({now.broken}); the proposed commit does, to {count} objects"
        return Part(application=application, state="rendered", sentence=sentence)
    veil = Veil([*now.objects, *proposed.objects])
    found = _changes(pairs(now.objects, proposed.objects), veil, rows)
    return Part(application=application, state="rendered", changes=tuple(found))


def _changes(found: list[Pair], veil: Veil, rows: int) -> Iterator[ObjectChange]:
    for pair in found:
        change = _change(pair, veil, min(rows, _FIELDS))
        rows -= len(change.fields)
        yield change


def _change(pair: Pair, veil: Veil, rows: int) -> ObjectChange:
    one, other = (None if each is None else veil.over(each) for each in (pair.one, pair.other))
    where = f" in {pair.key.namespace}" if pair.key.namespace else ""
    called = visible(f"{pair.key.kind or 'no kind'}/{pair.key.name}{where}", 120)
    if other is None:
        return ObjectChange(object=called, kind="remove")
    fields = list(of_new(other) if one is None else between(one, other))
    kind: Kind = "add" if one is None else "replace"
    return ObjectChange(object=called, kind=kind, fields=tuple(fields[:rows]), more=max(0, len(fields) - rows))
