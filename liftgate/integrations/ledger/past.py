"""The ledger in short, kept in the index: pages and lists parse only the entries that they show.

A place is an application in an environment. What follows from the files of its folder is a fact about the id of that
tree: after a new entry only its own place is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain
from typing import Final, NamedTuple

from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.ledger.summary import NEWEST, Summary, summary_of
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.trees import FOLDER, SUBMODULE, Tree
from liftgate.integrations.ledger import git_branch, signed_files
from liftgate.integrations.ledger.git_branch import ENTRIES, REF, in_order, ledger_at

_WHOLE: Final = 20
"""States of the whole ledger that the index keeps."""
_PLACES: Final = 1000
"""States of places that it keeps; of more places four of each, on average."""


class Row(NamedTuple):
    finished: float
    """Unix time in seconds."""
    promotion: str
    blob: str


class Part(Value):
    """Of the entries below one folder or several."""

    newest: tuple[Row, ...] = ()
    """At most NEWEST, oldest first."""
    count: int = 0
    """How many entries have an allowed signature."""
    files: int = 0
    unread: tuple[str, ...] = ()
    """A sentence for each file that cannot be read."""

    @property
    def is_whole(self) -> bool:
        """Whether the newest are all."""
        return self.count == len(self.newest)


class PlacePart(Part):
    summary: Summary = Summary()


_read_lately: dict[str, PlacePart] = {}
"""By kind and key: of a new state of the ledger, nearly all places are as they were."""
_NOTHING: Final = PlacePart()
"""Made once: a board asks for each place."""


class Whole(Part):
    places: Mapping[str, str] = {}
    """Id of each place's tree by `APPLICATION/ENVIRONMENT`."""


def past_of(repository: Repository, signers: tuple[Signer, ...], ref: str = REF) -> Past:
    """The ledger that the ref has now; an empty one where there is no such ref."""
    return _past(repository, signers, repository.resolve(ref) if ref else "")


@lru_cache(maxsize=2)
def _past(repository: Repository, signers: tuple[Signer, ...], tip: str) -> Past:
    return Past(repository, signers, tip)


class Past:
    """One state of the ledger. Every reading raises Unavailable if git cannot read it."""

    def __init__(self, repository: Repository, signers: tuple[Signer, ...], tip: str) -> None:
        self._repository, self._signers, self._tip = repository, signers, tip

    @cached_property
    def whole(self) -> Whole:
        tree = self._repository.object_id(self._tip, git_branch.folder()) if self._tip else ""
        if not tree:
            return Whole()
        kind = f"all entries, {signed_files.keys_name(ENTRIES, self._signers)}"
        if known := self._repository.index.known(kind, [tree]):
            return Whole.model_validate_json(known[tree])
        places, others = _places(self._repository, tree)
        part = together(self._parts(places, len(places)).values())
        made = Whole(**dict(part) | {"files": part.files + others}, places=places)
        self._repository.index.keep(kind, {tree: made.model_dump_json().encode()}, newest=_WHOLE)
        return made

    @cached_property
    def places(self) -> Mapping[tuple[str, str], PlacePart]:
        return self._chosen("", "")

    @cached_property
    def choices(self) -> frozenset[str]:
        """Of the newest promotions of each place those that a person can go back to."""
        return frozenset(chain.from_iterable(part.summary.choices for part in self.places.values()))

    def summary(self, application: str, environment: str) -> Summary:
        return self.places.get((application, environment), _NOTHING).summary

    def is_verified(self, application: str, environment: str, release: str) -> bool:
        """Whether the newest word about the release there is good."""
        said = self.summary(application, environment).is_verified(release)
        return ledger.verified(self._all(application, environment), release) if said is None else said

    def has_outcome(self, application: str, environment: str, promotion: str) -> bool:
        part = self.places.get((application, environment), _NOTHING)
        if any(row.promotion == promotion for row in part.newest) or part.is_whole:
            return any(row.promotion == promotion for row in part.newest)
        return ledger.find_entry(self._all(application, environment), promotion) is not None

    def newest(self, limit: int, application: str = "", environment: str = "") -> list[Entry]:
        """Newest first, at most so many; all for 0."""
        chosen = application or environment
        part = together(self._chosen(application, environment).values()) if chosen else self.whole
        if not part.is_whole and not 0 < limit <= len(part.newest):
            return self._all(application, environment)[::-1][: limit or None]
        return self._entries(part.newest[-limit:])[::-1]

    def since(self, when: datetime) -> list[Entry]:
        """Those that finished then or later, oldest first."""
        start = when.timestamp()
        rows = [row for row in self.whole.newest if row.finished >= start]
        if self.whole.is_whole or len(rows) < len(self.whole.newest):
            return self._entries(rows)
        found = list[Entry]()
        for (application, environment), part in self.places.items():
            rows = [row for row in part.newest if row.finished >= start]
            is_enough = part.is_whole or len(rows) < len(part.newest)
            found += self._entries(rows) if is_enough else self._all(application, environment)
        return [entry for entry in in_order(found) if entry.times.finished >= when]

    def _all(self, application: str, environment: str) -> list[Entry]:
        """By reading each one."""
        read = ledger_at(self._repository, self._signers, git_branch.folder(application), self._tip).entries
        return [entry for entry in read if environment in ("", entry.environment)]

    def _entries(self, rows: Sequence[Row]) -> list[Entry]:
        blobs = [row.blob for row in rows]
        read = signed_files.read_signed_blobs(self._repository, blobs, self._signers, ENTRIES)
        return [entry for blob in blobs if isinstance(entry := read[blob], Entry)]

    def _chosen(self, application: str, environment: str) -> dict[tuple[str, str], PlacePart]:
        named = {path: (path.partition("/")[0], path.partition("/")[2]) for path in self.whole.places}
        wanted = {
            path: self.whole.places[path]
            for path, (name, place) in named.items()
            if application in ("", name) and environment in ("", place)
        }
        return {named[path]: part for path, part in self._parts(wanted, len(named)).items()}

    def _parts(self, trees: Mapping[str, str], places: int) -> dict[str, PlacePart]:
        """In the order of the trees, which are by place; there are so many places in all."""
        kind = f"entries of a place, {signed_files.keys_name(ENTRIES, self._signers)}"
        keys = {path: f"{tree}:{path}" for path, tree in trees.items()}
        lately = {path: part for path, key in keys.items() if (part := _read_lately.get(f"{kind} {key}"))}
        facts = self._repository.index.known(kind, [key for path, key in keys.items() if path not in lately])
        known = {path: PlacePart.model_validate_json(facts[key]) for path, key in keys.items() if key in facts}
        made = self._made({path: tree for path, tree in trees.items() if path not in known and path not in lately})
        new = {keys[path]: part.model_dump_json().encode() for path, part in made.items()}
        self._repository.index.keep(kind, new, newest=max(_PLACES, 4 * places))
        found = lately | known | made
        if len(_read_lately) > max(_PLACES, 2 * places):
            _read_lately.clear()
        _read_lately.update((f"{kind} {keys[path]}", part) for path, part in found.items())
        return {path: found[path] for path in trees}

    def _made(self, trees: Mapping[str, str]) -> dict[str, PlacePart]:
        files = _files(self._repository, trees)
        blobs = (blob for listed in files.values() for _, blob in listed)
        read = signed_files.read_signed_blobs(self._repository, blobs, self._signers, ENTRIES)
        return {place: _part([(path, blob, read[blob]) for path, blob in files[place]]) for place in trees}


def together(parts: Iterable[Part]) -> Part:
    """Of the files of all of them."""
    listed = list(parts)
    rows = sorted(chain.from_iterable(part.newest for part in listed), key=lambda row: row.finished)
    return Part(
        newest=tuple(rows[-NEWEST:]),
        count=sum(part.count for part in listed),
        files=sum(part.files for part in listed),
        unread=tuple(chain.from_iterable(part.unread for part in listed)),
    )


def _part(files: Sequence[tuple[str, str, signed_files.Parsed]]) -> PlacePart:
    """Path, blob and what it says of each file of a place."""
    counted = [
        (each, blob) for path, blob, each in files if isinstance(each, Entry) and git_branch.is_in_place(each, path)
    ]
    counted.sort(key=lambda one: one[0].times.finished)
    rows = (Row(entry.times.finished.timestamp(), entry.promotion, blob) for entry, blob in counted[-NEWEST:])
    return PlacePart(
        newest=tuple(rows),
        count=len(counted),
        files=len(files),
        unread=tuple(git_branch.unread((path, each) for path, _, each in files)),
        summary=summary_of([entry for entry, _ in counted]),
    )


def _places(repository: Repository, tree: str) -> tuple[dict[str, str], int]:
    """The tree of each place, and how many files are in none."""
    (applications,) = repository.trees([tree])
    folders, others = _folders(applications), len(_blobs(applications))
    found: dict[str, str] = {}
    for application, inner in zip(folders, repository.trees([*folders.values()]), strict=True):
        found |= {f"{application}/{name}": place for name, place in _folders(inner).items()}
        others += len(_blobs(inner))
    return found, others


def _files(repository: Repository, trees: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Path and blob of each file of the places, in git's order."""
    found: dict[str, list[tuple[str, str]]] = {place: [] for place in trees}
    level = [(place, f"{git_branch.folder()}/{place}", tree) for place, tree in trees.items()]
    while level:
        deeper: list[tuple[str, str, str]] = []
        for (place, at, _), inner in zip(level, repository.trees([tree for *_, tree in level]), strict=True):
            found[place] += [(f"{at}/{name}", blob) for name, blob in _blobs(inner).items()]
            deeper += [(place, f"{at}/{name}", tree) for name, tree in _folders(inner).items()]
        level = deeper
    return {place: sorted(listed) for place, listed in found.items()}


def _folders(tree: Tree) -> dict[str, str]:
    return {text: item.id for name, item in tree.items() if item.mode == FOLDER and (text := _text(name))}


def _blobs(tree: Tree) -> dict[str, str]:
    """Also those of symbolic links, as `Repository.paths` has them."""
    files = ((name, item.id) for name, item in tree.items() if item.mode not in (FOLDER, SUBMODULE))
    return {text: blob for name, blob in files if (text := _text(name))}


def _text(name: bytes) -> str:
    """Empty for a name that is no text."""
    with suppress(UnicodeDecodeError):
        return name.decode()
    return ""
