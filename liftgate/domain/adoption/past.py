"""What Git's history tells about values: which changes travelled between environments, and which were set apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from liftgate.domain.common.canonical import canonical, same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, leaves

Place = tuple[str, str]
"""Application and environment."""
Kind = Literal["travelled", "apart"]
VERSIONS: Final = 5
"""Values of an upstream environment that are remembered: people promote what it had a moment ago, too."""


@dataclass(frozen=True)
class Change:
    """One commit's change of one values file; MISSING before it existed and after its removal."""

    place: Place
    before: Json
    after: Json


@dataclass(frozen=True)
class Commit:
    id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Observation:
    """How one value changed in an environment behind the first one."""

    pointer: str
    kind: Kind


@dataclass(frozen=True)
class Promotion:
    """A past commit that brought values of an upstream environment into this one."""

    place: Place
    before: Json
    after: Json
    sources: tuple[Json, ...]
    """The upstream environment's values then and shortly before, newest first."""
    base: Json
    """The upstream environment's values at the promotion before this one."""


@dataclass(frozen=True)
class Seen:
    """What one commit's change of one file shows; `promotion` is None if nothing in it travelled."""

    observations: tuple[Observation, ...]
    promotion: Promotion | None
    commits: int
    """How many commits were replayed until then, this one included."""


class Past:
    """Replays commits, oldest first, from the values that the files had before them."""

    def __init__(self, order: Sequence[str], start: Mapping[Place, Json]) -> None:
        self.order = tuple(order)
        self.now: dict[Place, Json] = dict(start)
        self._versions: dict[Place, list[Json]] = {place: [value] for place, value in start.items()}
        self._known: dict[Place, dict[str, set[bytes]]] = {}
        self._base: dict[Place, Json] = {}

    def replay(self, commits: Sequence[Commit]) -> Iterator[Seen]:
        for number, commit in enumerate(commits, 1):
            for change in commit.changes:
                self._take(change)
            for change in commit.changes:
                if change.before is not MISSING and change.after is not MISSING:
                    yield from self._look(change, number)

    def _take(self, change: Change) -> None:
        self._known_values(change.place)
        self.now[change.place] = change.after
        self._versions.setdefault(change.place, []).insert(0, change.after)
        del self._versions[change.place][VERSIONS:]
        known = self._known_values(change.place)
        for pointer, value in changed(change.before, change.after).items():
            known[pointer].add(_key(value))

    def _look(self, change: Change, number: int) -> Iterator[Seen]:
        upstream = self._upstream(change.place)
        if not upstream:
            return
        source = self.now[upstream[0]]
        leaves_changed = changed(change.before, change.after)
        kinds = {pointer: self._kind(pointer, value, upstream) for pointer, value in leaves_changed.items()}
        observations = [Observation(pointer, kind) for pointer, kind in kinds.items() if kind]
        if "travelled" not in kinds.values():
            yield Seen(tuple(observations), None, number)
            return
        observations += self._left_alone(change, upstream, kinds.keys())
        sources = tuple(version for version in self._versions[upstream[0]] if version is not MISSING)
        base = self._base.get(change.place, self._versions[upstream[0]][-1])
        yield Seen(tuple(observations), Promotion(change.place, change.before, change.after, sources, base), number)
        self._base[change.place] = source

    def _kind(self, pointer: str, value: Json, upstream: Sequence[Place]) -> Kind | None:
        """Travelled: an upstream environment has the value or had it. Nothing is known of a value without upstream."""
        if any(_key(value) in self._known_values(place)[pointer] for place in upstream):
            return "travelled"
        has_one = any(self._known_values(place)[pointer] - {_key(MISSING)} for place in upstream)
        return "apart" if has_one else None

    def _left_alone(self, change: Change, upstream: Sequence[Place], moved: Collection[str]) -> Iterator[Observation]:
        """Values of this environment that no upstream one ever had, and that the promotion did not replace."""
        theirs, ours = dict(leaves(self.now[upstream[0]])), dict(leaves(change.after))
        for pointer, value in ours.items():
            if (
                pointer
                and pointer in theirs
                and pointer not in moved
                and self._kind(pointer, value, upstream) == "apart"
            ):
                yield Observation(pointer, "apart")

    def _upstream(self, place: Place) -> list[Place]:
        """The environments before this one that have values, the nearest first."""
        application, environment = place
        before = reversed(self.order[: self.order.index(environment)])
        places = ((application, each) for each in before)
        return [each for each in places if self.now.get(each, MISSING) is not MISSING]

    def _known_values(self, place: Place) -> dict[str, set[bytes]]:
        """Every value that each pointer has had there so far."""
        if place not in self._known:
            self._known[place] = defaultdict(set)
            for pointer, value in leaves(self.now.get(place, MISSING)):
                self._known[place][pointer].add(_key(value))
        return self._known[place]


def changed(before: Json, after: Json) -> dict[str, Json]:
    """The new value of each leaf that changed; MISSING for a removed one."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return {
        pointer: new.get(pointer, MISSING)
        for pointer in dict.fromkeys((*old, *new))
        if pointer and not same(old.get(pointer, MISSING), new.get(pointer, MISSING))
    }


def _key(value: Json) -> bytes:
    return b"" if value is MISSING else canonical(value)
