"""What happened, as entries of the ledger, and the questions that are asked of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeVar

from pydantic import Field

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.signed_value import SignedValue
from liftgate.domain.common.canonical import canonical
from liftgate.domain.common.names import release_name
from liftgate.domain.common.value import Value
from liftgate.domain.json_text.bounded_json import loads
from liftgate.domain.ledger.by_hand import ByHand, Printable
from liftgate.domain.ledger.entry_file import EntryFile

_T = TypeVar("_T", bound=SignedValue)
Outcome = Literal[
    "promoted", "rolled back", "failed", "refused", "expired", "superseded", "verified", "rollback failed"
]
LARGEST_FILE: Final = 1024 * 1024
"""Bytes of a file of the ledger; ours have some 2,000."""
ONLY_FILE: Final = "values.json"
"""The name of the copy of an application's only file."""
REACHED_SYNC: frozenset[Outcome] = frozenset({"promoted", "rolled back", "failed", "superseded", "rollback failed"})
"""Outcomes of promotions that committed. One that was superseded at its gate has no commit."""


class Times(Value):
    """When what happened; None where it did not come to it."""

    requested: datetime
    committed: datetime | None = None
    synced: datetime | None = None
    verified: datetime | None = None
    finished: datetime


class Entry(SignedValue):
    """One outcome. The file in the ledger is this plus `signature` over its canonical form."""

    promotion: str
    kind: Literal["promote", "update", "rollback"]
    application: str
    environment: str
    release: str
    version: Printable
    source: str
    plan: str
    revision: str
    outcome: Outcome
    reason: Printable
    requested_by: Printable
    proof: str
    approved_by: tuple[Printable, ...] = ()
    votes: tuple[str, ...] = ()
    """The votes on its plan, as the Liftgate server signed them: they prove who approved. Older entries have none."""
    saw_another: tuple[Printable, ...] = ()
    """Who approved another rendered change than the last one."""
    times: Times
    previous: Printable = ""
    reverts: str = ""
    """The promotion a rollback took back."""
    restores: str = ""
    """The promotion a rollback went back to, where one was chosen."""
    took_back: tuple[str, ...] = ()
    """Those that it took back, the newest first."""
    first_sync: bool | None = None
    """Whether the first sync operation succeeded; None where it did not come to a sync."""
    upstream: str = ""
    """The promotion that started this one."""
    values_path: str = ""
    """The environment's values file at that time."""
    source_path: str = ""
    """The file that the release was read from, at the commit `source`."""
    source_blob: str = ""
    """Id of that file's content. For a promotion with a commit, the ledger branch keeps the content."""
    by_hand: ByHand | None = None
    """Of a commit that a person made outside Liftgate, and that was taken over; None for a promotion of ours."""

    files: Annotated[tuple[EntryFile, ...], Field(exclude_if=lambda files: not files)] = ()
    """Where the application has several values files: these, instead of the three fields above."""

    @property
    def all_files(self) -> tuple[EntryFile, ...]:
        one = EntryFile(path=self.values_path, source_path=self.source_path, source_blob=self.source_blob)
        return self.files or (one,)

    @property
    def values_paths(self) -> tuple[str, ...]:
        return tuple(each.path for each in self.all_files if each.path)

    @property
    def source_paths(self) -> tuple[str, ...]:
        return tuple(each.source_path for each in self.all_files if each.source_path)

    def verified_copy(self, file: str = "") -> str:
        """Where the copy of a file of the environment's verified values lies on the ledger branch."""
        return f"verified/{self.application}/{self.environment}/{file or ONLY_FILE}"

    def source_copy(self, file: str = "") -> str:
        """Where the copy of a file that was promoted last lies on the ledger branch."""
        return f"promoted/{self.application}/{self.environment}/{file or ONLY_FILE}"

    @property
    def has_source_copy(self) -> bool:
        return self.kind == "promote" and bool(self.revision) and any(each.source_blob for each in self.all_files)

    @property
    def signed_at(self) -> datetime:
        return self.times.finished

    @property
    def path(self) -> str:
        """Where the entry lies on the ledger branch: by the month of the request (UTC), so that no folder grows for
        ever."""
        month = f"{self.times.requested.astimezone(UTC):%Y-%m}"
        return f"entries/{self.application}/{self.environment}/{month}/{self.promotion}.json"

    @property
    def good(self) -> bool:
        """Whether the environment holds verified values after it."""
        return self.outcome in ("promoted", "verified")

    @property
    def release_name(self) -> str:
        """The version, or the start of the release's id; empty without both."""
        return release_name(self.version, self.release)

    @property
    def what(self) -> str:
        """What it brought, in a word: the release of a promotion; of an update its version, or `update`."""
        return (self.release_name if self.kind == "promote" else self.version) or self.kind

    @property
    def sentence(self) -> str:
        """`Promoted 1.5.0 to prod in 3.1 s. Approved by grace.`, or why it did not succeed. Of a success `reason` has
        the details."""
        if not self.good:
            said = self.reason if self.reason.lower().startswith(self.outcome) else f"{self.outcome}: {self.reason}"
            return said[:1].upper() + said[1:] + (f" ({self.by_hand.sentence})" if self.by_hand else "")
        began, end = self.times.committed, self.times.verified
        took = f" in {(end - began).total_seconds():.1f} s" if began and end else ""
        if self.by_hand:
            return f"{self._success}{took}. {self.by_hand.sentence}"
        by = f" Approved by {', '.join(self.approved_by)}." if self.approved_by else ""
        saw = (
            f" The rendered change differs from what {' and '.join(self.saw_another)} saw." if self.saw_another else ""
        )
        return f"{self._success}{took}.{by}{saw}"

    @property
    def _success(self) -> str:
        if self.kind == "rollback":
            return f"Rolled {self.environment} back to {self.previous or 'the values before'}"
        if self.outcome == "verified" or self.by_hand:
            return f"Verified {self.release_name or 'the values'} in {self.environment}"
        if self.kind == "update":
            return f"Updated {self.environment}"
        return f"Promoted {self.release_name} to {self.environment}"

    @property
    def requester(self) -> str:
        """Who asked for it, and how that is known, for people."""
        return f"{self.requested_by or 'unknown'} ({self.proof})"

    @property
    def bypassed(self) -> tuple[str, ...]:
        """Why the gates were not open for a change that a person made by hand; empty where they were."""
        return self.by_hand.bypassed if self.by_hand else ()

    @property
    def taken(self) -> tuple[str, ...]:
        """Every promotion that this rollback took back."""
        return tuple(filter(None, (self.reverts, *self.took_back)))


def to_file(entry: Value, signed: str) -> bytes:
    """Readable JSON; the signature is over `signable(entry)`."""
    document = entry.model_dump(mode="json") | {"signature": signed}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def signable(entry: Value) -> bytes:
    return canonical(entry.model_dump(mode="json"))


def from_file(data: bytes, signers: tuple[Signer, ...]) -> Entry | None:
    """The entry, or None when no allowed key signed it: a forged entry did not happen. Raises UnreadableJson."""
    return read_signed(data, signers, Entry, signature.LEDGER)


def read_signed(data: bytes, signers: tuple[Signer, ...], kind: type[_T], namespace: str) -> _T | None:
    """A file of the ledger as its kind of value, or None when no key signed it that was allowed to then.

    What was signed is what the file says: fields that came later are in no older file. Raises UnreadableJson.
    """
    document = loads(data, largest=LARGEST_FILE)
    try:
        signed = document.pop("signature")
        value, said = kind.model_validate(document), canonical(document)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return value if signature.signer_of(said, signed, namespace, signers, value.signed_at) else None


def entries_of(entries: Iterable[Entry], application: str, environment: str) -> list[Entry]:
    """The entries of one application in one environment, oldest first."""
    mine = (e for e in entries if e.application == application and e.environment == environment)
    return sorted(mine, key=lambda entry: entry.times.finished)


def by_place(entries: Iterable[Entry]) -> Mapping[tuple[str, str], list[Entry]]:
    """The same of every application and environment by one pass; empty for a place without any."""
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.times.finished):
        found[entry.application, entry.environment].append(entry)
    return found


def find_entry(entries: Iterable[Entry], promotion: str) -> Entry | None:
    """The outcome of the promotion; None while there is none."""
    return next((entry for entry in entries if entry.promotion == promotion), None)


def taken_back(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The promotions that a rollback took back, each with that rollback."""
    return {promotion: entry for entry in entries for promotion in entry.taken}


def restorable(entries: Sequence[Entry]) -> list[Entry]:
    """Of one environment's entries those whose values can come back: verified, and not taken back."""
    gone = taken_back(entries)
    return [e for e in entries if e.good and e.kind != "rollback" and e.promotion not in gone]


def last_verified(entries: Sequence[Entry]) -> Entry | None:
    """The newest good outcome among one environment's entries that was not rolled back."""
    return next(reversed(restorable(entries)), None)


def verified(entries: Sequence[Entry], release: str) -> bool:
    """Whether the newest word about this release in the environment is good."""
    return verified_at(entries, release) is not None


def verified_releases(entries: Sequence[Entry]) -> frozenset[str]:
    """Of all releases those about which the newest word is good."""
    return frozenset(release for release, (word, _) in _newest_words(entries).items() if word == "good")


def verified_at(entries: Sequence[Entry], release: str) -> datetime | None:
    """Since when it is good there; None when it is not."""
    word, entry = _newest_words(entries).get(release, ("", None))
    return (entry.times.verified or entry.times.finished) if word == "good" and entry else None


def blocked(entries: Sequence[Entry], release: str) -> Entry | None:
    """The outcome that took this release out of the environment, unless it was good there again since."""
    word, entry = _newest_words(entries).get(release, ("", None))
    return entry if word == "taken back" else None


_Word = Literal["good", "bad", "taken back", "there again", ""]
_BACK: frozenset[Outcome] = frozenset({"rolled back", "rollback failed"})
_SAYS: dict[Outcome, _Word] = {"promoted": "good", "verified": "good", "failed": "bad"}


def _newest_words(entries: Sequence[Entry]) -> dict[str, tuple[_Word, Entry]]:
    """By release, with the outcome that said it first. A rollback gives no release a good word that had none before: it
    may be verified by fewer steps."""
    newest, were_good = dict[str, tuple[_Word, Entry]](), set[str]()
    for release, word, entry in _words(entries):
        if word == "there again" and release not in were_good:
            continue
        is_good, before = word in ("good", "there again"), newest.get(release)
        newest[release] = before if is_good and before and before[0] == "good" else ("good" if is_good else word, entry)
        were_good.update([release] if is_good else ())
    return newest


def _words(entries: Sequence[Entry]) -> Iterator[tuple[str, _Word, Entry]]:
    """What each outcome says of which release, oldest first."""
    known, gone = {entry.promotion: entry for entry in entries}, taken_back(entries)
    for entry in entries:
        if entry.kind == "rollback":
            for one in filter(None, map(known.get, entry.taken)):
                yield one.release, "taken back", one if one.outcome in _BACK else entry
            if entry.outcome != "superseded":  # what it went back to was not judged
                yield entry.release, "there again" if entry.good else "bad", entry
        elif entry.outcome in _SAYS:
            yield entry.release, _SAYS[entry.outcome], entry
        elif entry.outcome in _BACK and entry.promotion not in gone:
            yield entry.release, "taken back", entry
