"""Which pauses are in force: every branch, and every pause that the ledger knows and no signed statement lifts.

`pauses/PAUSE.json` says that a pause was seen, `pauses/PAUSE.lifted` who lifted it: the Liftgate server's statement, or
a maintainer's signed commit. Everyone who may push may pause, so what is there as a pause counts unsigned, and
even unreadable; only a signature lifts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from liftgate.domain.approval.pause import RESUMES, Pause, PauseNote, Resume, environment_of, place_in
from liftgate.domain.approval.statement import read_statement
from liftgate.domain.commits import commit_object, signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.json_text.bounded_json import loads
from liftgate.domain.promotion.message import compose, read_trailers
from liftgate.integrations.git import pauses
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Author, Repository
from liftgate.integrations.ledger import git_branch

Signers = tuple[Signer, ...]
FOLDER: Final = "pauses"
_NOTED, _LIFTED = ".json", ".lifted"


class _Known(NamedTuple):
    noted: Mapping[str, Pause]
    lifted: frozenset[str]


def read_pauses(repository: Repository, signers: Signers, refs: str = pauses.HEADS, ledger: str = "") -> list[Pause]:
    """Those in force: of the mirror as last fetched, or with `pauses.REMOTES` and its ledger those of a clone."""
    known = _known(repository, signers, repository.resolve(ledger or git_branch.REF))
    branches = pauses.read_branches(repository, refs)
    lifted = known.lifted | {identity for identity, data in branches.resumes.items() if _lifts(data, identity, signers)}
    standing: dict[str, Pause] = {}
    for (place, commit), pause in branches.pauses.items():
        identity = _free(place, commit, lifted)
        noted = known.noted.get(identity)
        standing[identity] = (noted if noted and noted.is_proven else pause).copy_with(id=identity)
    gone = (each for identity, each in known.noted.items() if identity not in standing and identity not in lifted)
    return [*standing.values(), *(each.copy_with(branch_deleted=True) for each in gone)]


def _free(place: str, commit: str, lifted: frozenset[str]) -> str:
    """A commit that pauses again, after it was lifted, is another pause."""
    number = 0
    while f"{place}/{commit}-{number}" in lifted:
        number += 1
    return f"{place}/{commit}-{number}"


@lru_cache(maxsize=16)
def _known(repository: Repository, signers: Signers, tip: str) -> _Known:
    """A state of the ledger is read once."""
    files = git_branch.read_files(repository, tip, FOLDER, lambda data: data)
    found = {path.removeprefix(f"{FOLDER}/"): data for path, data in files}
    noted = {name.removesuffix(_NOTED): data for name, data in found.items() if name.endswith(_NOTED)}
    ended = {name.removesuffix(_LIFTED): data for name, data in found.items() if name.endswith(_LIFTED)}
    return _Known(
        noted={identity: _noted(identity, data, signers) for identity, data in noted.items() if place_in(identity)},
        lifted=frozenset(identity for identity, data in ended.items() if _lifts(data, identity, signers)),
    )


def _noted(identity: str, data: bytes, signers: Signers) -> Pause:
    text = data.decode(errors="replace")
    proven = read_statement(text, PauseNote, signature.VOTES, signers)
    said = proven if proven and proven.pause == identity else _unproven(text)
    return Pause(
        id=identity,
        environment=environment_of(place_in(identity)),
        reason=said.reason if said else "no reason can be read",
        by=said.by if said else "an unknown person",
        since=said.since if said else datetime.fromtimestamp(0, UTC),
        is_proven=said is proven and proven is not None,
    )


def _unproven(text: str) -> PauseNote | None:
    try:
        return PauseNote.model_validate(loads(text)["statement"])
    except (ValueError, KeyError, TypeError):
        return None


def _lifts(data: bytes, pause: str, signers: Signers) -> bool:
    """Whether the Liftgate server's statement, or a maintainer's signed commit, lifts exactly this pause."""
    said = read_statement(data.decode(errors="replace"), Resume, signature.VOTES, signers)
    return said.pause == pause if said else is_maintainers_resume(data, pause, signers)


def is_maintainers_resume(data: bytes, pause: str, signers: Signers) -> bool:
    """Whether a key that is allowed for commits and for pauses signed this commit, and it lifts the pause."""
    read = commit_object.read_commit_object(data)
    maintainers = signature.allowed_for(signature.MAINTAINER, signers)
    return read_trailers(read.message).get(RESUMES) == (pause,) and read.is_signed_by(maintainers)


def unnoted(repository: Repository, signers: Signers, standing: Iterable[Pause]) -> list[Pause]:
    """Of the pauses in force, those that the ledger does not know yet."""
    known = _known(repository, signers, repository.resolve(git_branch.REF))
    return [pause for pause in standing if pause.id not in known.noted]


def note_pause(mirror: Mirror, pause: Pause, text: str, author: Author) -> bool:
    """Keep that the pause was seen; whether it was not kept before. Raises Unavailable, Refused."""
    return git_branch.put_once(mirror, _path(pause), lambda tip: note_commit(mirror, tip, pause, text, author))


def note_commit(mirror: Mirror, tip: str, pause: Pause, text: str, author: Author) -> str:
    """The commit on the ledger's tip that keeps that the pause was seen: the same each time, and not pushed."""
    files: dict[str, bytes | None] = {_path(pause): f"{text}\n".encode()}
    return mirror.write(tip, files, compose(f"Paused: {pause.reason}", "", ()), pause.since, author, None)


def _path(pause: Pause) -> str:
    return f"{FOLDER}/{pause.id}{_NOTED}"


def lift_pause(mirror: Mirror, signers: Signers, pause: str, data: bytes, author: Author, when: datetime) -> None:
    """Keep what lifts the pause, in place of anything that does not. Raises Unavailable, Refused."""
    files: dict[str, bytes | None] = {f"{FOLDER}/{pause}{_LIFTED}": data}
    message = compose("Promotions are resumed", "", ())
    git_branch.put_unless(
        mirror,
        lambda tip: pause in _known(mirror, signers, tip).lifted,
        lambda tip: mirror.write(tip, files, message, when, author, None),
    )


def resumes_to_keep(repository: Repository, signers: Signers) -> Iterator[tuple[str, bytes]]:
    """The maintainers' commits on branches that the ledger does not have yet."""
    known = _known(repository, signers, repository.resolve(git_branch.REF))
    for identity, data in pauses.read_branches(repository).resumes.items():
        if identity not in known.lifted and _lifts(data, identity, signers):
            yield identity, data
