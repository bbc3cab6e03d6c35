"""The integrations for one round over many runs: what all runs have in common is read once, and a run's notes too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from liftgate.domain.approval.pause import Pause, holding
from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.read_once import ReadOnce, Substitute

T = TypeVar("T")
P = TypeVar("P")


class _Git(Substitute):
    """A mirror whose refs are read once, until it fetches."""

    def __init__(self, of: Any, fetched: Callable[[], None]) -> None:
        super().__init__(of)
        self._fetched = fetched
        self._refs: dict[str, str] = {}

    def resolve(self, ref: str) -> str:
        if not self._refs.get(ref):
            self._refs[ref] = self._of.resolve(ref)
        return self._refs[ref]

    @property
    def head(self) -> str:
        return self.resolve(self._of.ref)

    def fetch(self) -> str:
        head = self._of.fetch()
        self._fetched()
        return str(head)


class _Reading(Substitute):
    """Equal to the integrations that it reads, so that both have the same cached plans."""

    def __init__(self, of: Any, notes_within: float) -> None:
        super().__init__(of)
        self._notes_within = notes_within
        self.begin()

    def begin(self) -> None:
        """Read everything again."""
        self._known: dict[str, Any] = {}

    @property
    def runs(self) -> Any:
        return self._once("runs", lambda: ReadOnce(self._of.runs, self._notes_within))

    @property
    def git(self) -> Any:
        return self._once("git", lambda: _Git(self._of.git, self.begin))

    @property
    def latest(self) -> ConfigSnapshot:
        latest: ConfigSnapshot = self._once("latest", lambda: self._of.latest)
        return latest

    def entries(self, application: str = "", environment: str = "") -> list[Entry]:
        listed: list[Entry] = self._once("entries", self._of.entries)
        if application:
            listed = self._once("entries by application", lambda: _by_application(listed)).get(application, [])
        return [entry for entry in listed if environment in ("", entry.environment)]

    def pauses(self) -> list[Pause]:
        return self._once("pauses", self._of.pauses)

    def pause(self, environment: str) -> Pause | None:
        return holding(self.pauses(), environment)

    def _once(self, what: str, read: Callable[[], T]) -> T:
        if what not in self._known:
            self._known[what] = read()
        return cast("T", self._known[what])

    def __eq__(self, other: object) -> bool:
        return self._of is getattr(other, "_of", other)

    def __hash__(self) -> int:
        return hash(self._of)


def _by_application(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """In the order given."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.application].append(entry)
    return found


def one_reading(at: P, *, notes_within: float = 0.0) -> P:
    """The same integrations; `read_again` begins the next round, and so does each fetch through them. The notes of runs
    may be so many seconds old."""
    return at if isinstance(at, _Reading) else cast("P", _Reading(at, notes_within))


def read_again(at: object) -> None:
    """Nothing for integrations that read each time."""
    if isinstance(at, _Reading):
        at.begin()
