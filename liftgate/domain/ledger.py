"""What happened, as entries of the ledger, and the questions that are asked of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Literal, TypeVar

from liftgate.domain import signature
from liftgate.domain.canonical import canonical
from liftgate.domain.value import Value

_T = TypeVar("_T", bound=Value)
Outcome = Literal[
    "promoted", "rolled back", "failed", "refused", "expired", "superseded", "verified", "rollback failed"
]
REACHED_SYNC: frozenset[Outcome] = frozenset({"promoted", "rolled back", "failed", "superseded", "rollback failed"})
"""Outcomes of promotions that committed."""


class Times(Value):
    """When what happened; None where it did not come to it."""

    requested: datetime
    committed: datetime | None = None
    synced: datetime | None = None
    verified: datetime | None = None
    finished: datetime


class Entry(Value):
    """One outcome. The file in the ledger is this plus `signature` over its canonical form."""

    promotion: str
    kind: Literal["promote", "update", "rollback"]
    application: str
    environment: str
    release: str
    version: str
    source: str
    plan: str
    revision: str
    outcome: Outcome
    reason: str
    requested_by: str
    proof: str
    approved_by: tuple[str, ...] = ()
    times: Times
    previous: str = ""
    reverts: str = ""
    """The promotion a rollback took back."""
    first_sync: bool | None = None
    """Whether the first sync operation succeeded; None where it did not come to a sync."""
    upstream: str = ""
    """The promotion that started this one."""

    @property
    def path(self) -> str:
        """Where the entry lies on the ledger branch."""
        return f"entries/{self.application}/{self.environment}/{self.promotion}.json"

    @property
    def good(self) -> bool:
        """Whether the environment holds verified values after it."""
        return self.outcome in ("promoted", "verified")


def to_file(entry: Value, signed: str) -> bytes:
    """Readable JSON; the signature is over `signable(entry)`."""
    document = entry.model_dump(mode="json") | {"signature": signed}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def signable(entry: Value) -> bytes:
    return canonical(entry.model_dump(mode="json"))


def from_file(data: bytes, signers: tuple[signature.Signer, ...]) -> Entry | None:
    """The entry, or None when nobody allowed signed it: what is forged did not happen."""
    return read_signed(data, signers, Entry, signature.LEDGER)


def read_signed(data: bytes, signers: tuple[signature.Signer, ...], kind: type[_T], namespace: str) -> _T | None:
    """A file of the ledger as its kind of value, or None when nobody allowed signed it for the namespace."""
    try:
        document = json.loads(data)
        signed = document.pop("signature")
        value = kind.model_validate(document)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return value if signature.signer_of(signable(value), signed, namespace, signers) else None


def of(entries: Iterable[Entry], application: str, environment: str) -> list[Entry]:
    """The entries of one application in one environment, oldest first."""
    mine = (e for e in entries if e.application == application and e.environment == environment)
    return sorted(mine, key=lambda entry: entry.times.finished)


def last_verified(entries: Sequence[Entry]) -> Entry | None:
    """The newest good outcome among one environment's entries."""
    return next((entry for entry in reversed(entries) if entry.good and entry.kind != "rollback"), None)


def verified(entries: Sequence[Entry], release: str) -> bool:
    """Whether the newest word about this release in the environment is good."""
    return verified_at(entries, release) is not None


def verified_at(entries: Sequence[Entry], release: str) -> datetime | None:
    """When the release became good in the environment, and has stayed so; None when it is not."""
    words = [e for e in entries if e.release == release and e.kind != "rollback" and e.outcome in _WORDS]
    good = list(takewhile(lambda entry: entry.good, reversed(words)))
    return (good[-1].times.verified or good[-1].times.finished) if good else None


_WORDS: frozenset[Outcome] = frozenset({"promoted", "verified", "rolled back", "failed", "rollback failed"})


def blocked(entries: Sequence[Entry], release: str) -> Entry | None:
    """The rollback that took this release out of the environment, unless it was good there again since."""
    words = [e for e in entries if e.release == release and e.kind != "rollback" and e.outcome in _WORDS]
    return words[-1] if words and words[-1].outcome in ("rolled back", "rollback failed") else None
