"""The three-way merge by ownership: what the release changes in a target, and what it must not change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.pointer import MISSING, escape, find, leaves, split
from liftgate.domain.planning.changes import changes
from liftgate.domain.planning.identity import Keyed, is_alike, keyed, plain, same_in_order, woven
from liftgate.domain.planning.pins import Pin, holding
from liftgate.domain.planning.release import Need, partition
from liftgate.domain.planning.row import Kind, Row, shown
from liftgate.domain.planning.rules import Rules


class Merge(Value):
    """`edits` change the target; the rest is for people. `changes` are the edits value by value."""

    edits: tuple[Edit, ...] = ()
    changes: tuple[Row, ...] = ()
    conflicts: tuple[Row, ...] = ()
    needs_value: tuple[Row, ...] = ()
    kept: tuple[Row, ...] = ()
    obsolete: tuple[Row, ...] = ()
    pinned: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.conflicts + self.needs_value + self.changes + self.kept + self.pinned + self.obsolete


def merge(  # noqa: PLR0913 - the three sides of a three-way merge, and its rules
    *,
    base: Json | None,
    release: Json,
    target: Json,
    rules: Rules,
    pins: Sequence[Pin] = (),
    needs: Sequence[Need] = (),
    base_needs: Sequence[Need] = (),
) -> Merge:
    """Merge the release into the target; `base` is the release last promoted there, None for the first promotion.

    Secrets and the environment's own values are not read from base and release, and not changed in the target;
    `needs` and `base_needs` name those that a Release left out of its content. Pins must be active.
    """
    content, more = partition(release, rules)
    old, older = partition(base, rules) if base is not None else (MISSING, ())
    merger = _Merger(base is None, rules, pins)
    before = keyed(target, rules)
    after = merger.value("", keyed(old, rules), keyed(content, rules), before)
    merger.compare_needs(before, (*needs, *more), (*base_needs, *older))
    return merger.result(changes(before, {} if after is MISSING else after))


class _Merger:
    def __init__(self, first_time: bool, rules: Rules, pins: Sequence[Pin]) -> None:
        self.first_time = first_time
        self.rules = rules
        self.pins = pins
        self.rows: list[Row] = []

    def result(self, edits: tuple[Edit, ...]) -> Merge:
        rows = sorted(self.rows, key=lambda row: row.pointer)

        def of(*kinds: Kind) -> tuple[Row, ...]:
            return tuple(row for row in rows if row.kind in kinds)

        return Merge(
            edits=edits,
            changes=of("add", "remove", "replace"),
            conflicts=of("conflict"),
            needs_value=of("needs-value"),
            kept=of("kept"),
            obsolete=of("obsolete"),
            pinned=of("pinned"),
        )

    def value(self, pointer: str, base: Json, release: Json, target: Json) -> Json:
        """The merged value at the pointer, or MISSING; adds rows for people."""
        if same_in_order(release, target):
            return target
        if isinstance(release, Keyed) and isinstance(target, Keyed):
            members = dict(self._members(pointer, base, release, target))
            return Keyed((token, members[token]) for token in self._order(pointer, base, release, target, members))
        if is_alike(release, target):
            return type(target)(self._members(pointer, base, release, target))
        if release is MISSING and isinstance(target, dict) and target:
            return type(target)(self._members(pointer, base, {}, target)) or MISSING
        if target is MISSING and isinstance(release, dict) and release:
            return type(release)(self._members(pointer, base, release, {})) or MISSING
        return self._leaf(pointer, base, release, target)

    def _members(
        self, pointer: str, base: Json, release: dict[str, Json], target: dict[str, Json]
    ) -> Iterator[tuple[str, Json]]:
        known = base if isinstance(base, dict) else {}
        for token in dict.fromkeys((*target, *release)):
            sides = (known.get(token, MISSING), release.get(token, MISSING), target.get(token, MISSING))
            below = f"{pointer}/{escape(token)}"
            in_array = isinstance(target, Keyed)
            merged = self._element(below, *sides) if in_array else self.value(below, *sides)
            if merged is not MISSING:
                yield token, merged

    def _order(self, pointer: str, base: Json, release: Keyed, target: Keyed, members: dict[str, Json]) -> list[str]:
        """The order of an array's elements: merged as one value, by their identities."""
        here = [token for token in target if token in members]
        there = [token for token in release if token in members]
        both = [token for token in here if token in release]
        wanted = [token for token in there if token in target]
        if both == wanted:
            return woven(here, there)
        known = [token for token in base if token in both] if isinstance(base, Keyed) else MISSING
        by_release = self._leaf(pointer, known, wanted, both, changed="the order of the elements") is wanted
        return woven(there, here) if by_release else woven(here, there)

    def _element(self, pointer: str, base: Json, release: Json, target: Json) -> Json:
        """An array's element is removed completely or not at all: a remainder would have no identity."""
        if release is MISSING and self._is_protected(pointer, release, target):
            kind: Kind = "kept" if base is MISSING else "obsolete"
            self._note(pointer, kind, (MISSING, MISSING), _ELEMENT)
            return target
        is_new = base is MISSING and target is MISSING
        whole = self._is_nameless(pointer) if is_new else release is MISSING or target is MISSING
        return (self._leaf if whole else self.value)(pointer, base, release, target)

    def _is_nameless(self, pointer: str) -> bool:
        """Whether a pin would block a new element's identity."""
        identity = split(pointer)[-1].partition("=")[0]
        return holding(self.pins, f"{pointer}/{escape(identity)}") is not None

    def _leaf(self, pointer: str, base: Json, release: Json, target: Json, *, changed: str = "") -> Json:
        """`changed` is what people read of a change; usually the two values say it."""
        is_protected = self._is_protected(pointer, release, target)
        base, release, target = (plain(side) for side in (base, release, target))
        if same(release, target) or (release is MISSING and self.rules.owner(pointer, target) != "promote"):
            return target
        held = self._pinned(pointer) or (self._protected(pointer, base, release, target) if is_protected else None)
        kind, sentence = held or self._undecided(pointer, release, target) or self._three_way(base, release, target)
        self._note(pointer, kind, (target, release), sentence or changed)
        return release if kind in ("add", "remove", "replace") else target

    def _pinned(self, pointer: str) -> tuple[Kind, str] | None:
        pin = holding(self.pins, pointer)
        return ("pinned", str(pin)) if pin else None

    def _protected(self, pointer: str, base: Json, release: Json, target: Json) -> tuple[Kind, str]:
        if self.rules.owner(pointer, target) != "promote" or (not self.first_time and same(release, base)):
            return "kept", "the environment's own value"
        return "conflict", _OWNED_BELOW

    def _undecided(self, pointer: str, release: Json, target: Json) -> tuple[Kind, str] | None:
        """At the first promotion no rule and no history says whose value is right."""
        if not self.first_time or MISSING in (release, target) or self.rules.decides(pointer):
            return None
        return "conflict", _UNDECIDED.format(pointer=json.dumps(pointer))

    def _three_way(self, base: Json, release: Json, target: Json) -> tuple[Kind, str]:
        if release is MISSING and self.first_time:
            return "kept", "only here; the release has no such value"
        if not self.first_time and same(release, base):
            return "kept", "changed here, not by the release"
        if not self.first_time and not same(target, base):
            return "conflict", _CONFLICT
        return ("add" if target is MISSING else "remove" if release is MISSING else "replace"), ""

    def _is_protected(self, pointer: str, release: Json, target: Json) -> bool:
        """Whether a pin, a secret or an environment's own value below blocks the release."""
        if self.rules.owner(pointer, plain(release)) != "promote":
            return True
        if any(self.rules.owner(below, leaf) != "promote" for below, leaf in leaves(target, pointer)):
            return True
        sides = (leaves(side, pointer, arrays=True) for side in (target, release))
        return any(holding(self.pins, below) for below, _ in chain(*sides)) if self.pins else False

    def _note(self, pointer: str, kind: Kind, sides: tuple[Json, Json], sentence: str) -> None:
        before, after = (shown(side, pointer, self.rules) for side in sides)
        self.rows.append(Row(pointer=pointer, kind=kind, before=before, after=after, sentence=sentence))

    def compare_needs(self, target: Json, needs: Sequence[Need], base_needs: Sequence[Need]) -> None:
        """Add rows for own values of the source that the target lacks, and for those the source no longer has."""
        now = {need.pointer: need for need in needs}
        known = {need.pointer for need in base_needs}
        for pointer, need in now.items():
            if pointer not in known and find(target, pointer) is MISSING:
                self._needs(need)
        for pointer in known - now.keys():
            if find(target, pointer) is not MISSING:
                self.rows.append(Row(pointer=pointer, kind="obsolete", sentence=_OBSOLETE))

    def _needs(self, need: Need) -> None:
        if pin := holding(self.pins, need.pointer):
            self.rows.append(Row(pointer=need.pointer, kind="pinned", sentence=str(pin)))
        else:
            sentence = _NEEDS_A_KEY if need.owner == "secret" else _NEEDS_OWN
            self.rows.append(Row(pointer=need.pointer, kind="needs-value", sentence=sentence))


_OBSOLETE = "the source no longer has this value"
_ELEMENT = "the release does not have this element, but it holds the environment's own values"
_CONFLICT = "changed here and by the release: update it here to the value you want, or pin it"
_UNDECIDED = (
    'both sides have a value, and nothing says who owns it: add {{"pointer": {pointer}, "owner": "promote"}} to '
    'rules in liftgate.json, or the same with "own" to keep the value here'
)
_OWNED_BELOW = "the release changes an object or array with the environment's own or pinned values: move those first"
_NEEDS_A_KEY = "a secret, which is never copied: the environment must define its own"
_NEEDS_OWN = "this value is the environment's own: write it into its file, or add a pin to leave it out"
