"""Makes a configuration repository with a long past: signed commits of promotions, edits between them, a ledger."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.commits.unsigned_commit import signed_commit, unsigned_commit
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.promotion import message
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PATH, PROMOTION_ID, SOURCE, SOURCE_PATH
from liftgate.integrations.git.process import Git

KEY: Final = Ed25519PrivateKey.from_private_bytes(b"bench-of-a-long-history-is-a-key")
PLACES: Final = ("dev", "staging", "prod")
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LEDGER: Final = "refs/heads/liftgate/ledger"
WITHIN: Final = 600.0
"""Seconds for git to take the whole history."""
_COMMIT: Final = 1
"""Its number in a pack (gitformat-pack(5))."""


@dataclass
class Past:
    """Promotion `n` is of application `n` modulo their number; each follows a person's edit of its values in dev."""

    directory: Path
    applications: int
    promotions: int
    _made: list[tuple[str, bytes]] = field(default_factory=list)

    def name(self, number: int) -> str:
        return f"app-{number % self.applications:03}"

    def place(self, number: int) -> str:
        return PLACES[1 + number // self.applications % 2]

    def promotion(self, number: int) -> str:
        return f"{hashlib.sha256(b'%d' % number).hexdigest()[:8]}-0000-4000-8000-{number:012}"

    def make(self) -> None:
        """A bare repository with the branches `main` and `liftgate/ledger`."""
        git = Git(self.directory)
        self.directory.mkdir(parents=True)
        git("init", "--bare", "-q", "--initial-branch=main")
        _import(git, self._values())
        trees = git("log", "--first-parent", "--reverse", "--format=%T", "refs/heads/unsigned").split()
        _store(git, [data for _, data in self._signed(trees)])
        git("update-ref", "refs/heads/main", self._made[-1][0])
        git("update-ref", "-d", "refs/heads/unsigned")
        _import(git, self._ledger())

    def _values(self) -> Iterator[bytes]:
        names = [self.name(number) for number in range(self.applications)]
        line = signature.allowed_line("bench@example.com", signature.WORKER, signature.public_bytes(KEY))
        files = {
            "liftgate.json": json.dumps(_configuration(names)).encode(),
            ALLOWED_SIGNERS: f"{line}\n".encode(),
            **{_path(name, place): _text(name, place, 0) for name in names for place in PLACES},
        }
        yield from _commit("refs/heads/unsigned", 0, files)
        for number in range(self.promotions):
            name, place = self.name(number), self.place(number)
            yield from _commit("refs/heads/unsigned", 0, {_path(name, "dev"): _text(name, "dev", number + 1)})
            yield from _commit("refs/heads/unsigned", 0, {_path(name, place): _text(name, place, number + 1)})

    def _signed(self, trees: Sequence[str]) -> list[tuple[str, bytes]]:
        """The same commits with their messages, those of promotions signed."""
        for number, tree in enumerate(trees):
            is_promotion = number > 0 and number % 2 == 0
            parents = [self._made[-1][0]] if self._made else []
            said = self._message(number // 2 - 1) if is_promotion else "By hand\n"
            data = unsigned_commit(tree, parents, said, when=_when(number), name="Bench", email="bench@example.com")
            if is_promotion:
                data = signed_commit(data, signature.sign(data, KEY, signature.COMMITS))
            self._made.append((_id(b"commit", data), data))
        return self._made

    def _message(self, number: int) -> str:
        name, place = self.name(number), self.place(number)
        trailers = [
            *((PROMOTION_ID, self.promotion(number)), (APPLICATION, name), (ENVIRONMENT, place)),
            *((SOURCE, self._made[-1][0]), (SOURCE_PATH, _path(name, "dev")), (PATH, _path(name, place))),
        ]
        return message.compose(f"Promote {name} to {place}", "", trailers)

    def _ledger(self) -> Iterator[bytes]:
        for number in range(self.promotions):
            entry, values = self.entry(number), _text(self.name(number), self.place(number), number + 1)
            signed = signature.sign(ledger.signable(entry), KEY, signature.LEDGER)
            source = _text(self.name(number), "dev", number + 1)
            copies = {entry.verified_copy(): values, entry.source_copy(): source}
            yield from _commit(_LEDGER, number, {entry.path: ledger.to_file(entry, signed), **copies})

    def entry(self, number: int) -> Entry:
        name, place = self.name(number), self.place(number)
        when = _when(2 * number + 2)
        return Entry(
            promotion=self.promotion(number),
            kind="promote",
            application=name,
            environment=place,
            release=f"sha256:{hashlib.sha256(b'%d' % number).hexdigest()}",
            version=f"1.{number + 1}.0",
            source=self._made[2 * number + 1][0],
            plan=f"sha256:{hashlib.sha256(b'plan %d' % number).hexdigest()}",
            revision=self._made[2 * number + 2][0],
            outcome="promoted",
            reason="synced and healthy",
            requested_by="rosa",
            proof="sign-in",
            times=Times(
                requested=when, committed=when, synced=when, verified=when, finished=when + timedelta(seconds=9)
            ),
            first_sync=True,
            values_path=_path(name, place),
            source_path=_path(name, "dev"),
            source_blob=_id(b"blob", _text(name, "dev", number + 1)),
        )


def _configuration(names: Sequence[str]) -> dict[str, object]:
    return {
        "environments": {place: f"/configs/{place}" for place in PLACES},
        "applications": {name: {"values": f"{name}/values.json"} for name in names},
        "rules": [{"pointer": "/settings/**", "owner": "promote"}],
    }


def _path(name: str, place: str) -> str:
    return f"configs/{place}/{name}/values.json"


def _text(name: str, place: str, number: int) -> bytes:
    about = {"name": name, "version": f"1.{number}.0", "environment": {"name": place}}
    return json.dumps({"application": about, "settings": {"replicas": number}}, indent=2).encode() + b"\n"


def _when(number: int) -> datetime:
    return START + timedelta(minutes=10 * number)


def _commit(ref: str, number: int, files: dict[str, bytes]) -> Iterator[bytes]:
    """For git-fast-import(1)."""
    seconds = int(_when(2 * number + 2).timestamp())
    yield b"commit %s\ncommitter Bench <bench@example.com> %d +0000\ndata 1\nx\n" % (ref.encode(), seconds)
    for path, data in files.items():
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)


def _import(git: Git, stream: Iterable[bytes]) -> None:
    result = git.run("fast-import", "--quiet", stdin=b"".join(stream), timeout=WITHIN)
    if result.status:
        raise result.failure("fast-import")


def _store(git: Git, commits: Sequence[bytes]) -> None:
    pack = [b"PACK" + (2).to_bytes(4, "big") + len(commits).to_bytes(4, "big")]
    pack += [_packed(data) for data in commits]
    data = b"".join(pack)
    checked = data + hashlib.sha1(data, usedforsecurity=False).digest()
    result = git.run("index-pack", "--stdin", stdin=checked, timeout=WITHIN)
    if result.status:
        raise result.failure("index-pack")


def _packed(data: bytes) -> bytes:
    """With its size: four bits, then seven in each byte."""
    size, head = len(data), bytearray()
    byte, size = _COMMIT << 4 | size & 15, size >> 4
    while size:
        head.append(byte | 128)
        byte, size = size & 127, size >> 7
    return bytes([*head, byte]) + zlib.compress(data, 1)


def _id(kind: bytes, data: bytes) -> str:
    return hashlib.sha1(b"%s %d\0%s" % (kind, len(data), data), usedforsecurity=False).hexdigest()
