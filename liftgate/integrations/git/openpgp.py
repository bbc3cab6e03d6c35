"""OpenPGP signatures by the `gpg` of this machine, in a keyring of its own that has only the repository's keys."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from liftgate.domain.commits.allowed_signers import COMMITS, Signer
from liftgate.domain.commits.commit_signature import CommitSignature, State
from liftgate.errors import Unavailable
from liftgate.integrations.deadline import output_of
from liftgate.integrations.time_limit import seconds_left

GPG_KEYS: Final = ".liftgate/gpg"
"""Folder of public keys in the repository: `ada@example.com.asc` is a key of ada@example.com."""
_KIND: Final = re.compile(r"\.(asc|gpg|pgp)$")
_WITHIN: Final = 20.0
_OPTIONS: Final = (
    *("--batch", "--no-tty", "--no-options", "--no-autostart", "--no-auto-key-retrieve", "--no-auto-check-trustdb"),
    *("--lock-never", "--trust-model", "always", "--status-fd", "1"),
)
_STATUS: Final = b"[GNUPG:] "
_OTHERS: Final[Mapping[str, tuple[State, str]]] = {
    "BADSIG": ("bad signature", "its OpenPGP signature does not fit its content"),
    "ERRSIG": ("unknown key", "signed with an OpenPGP key that .liftgate/gpg does not have there"),
    "REVKEYSIG": ("revoked key", "signed with an OpenPGP key that its owner revoked"),
    "EXPKEYSIG": ("key not valid", "signed with an OpenPGP key that is over"),
    "EXPSIG": ("key not valid", "its OpenPGP signature is over"),
}
"""What gpg says of a signature that is not good (GnuPG's doc/DETAILS)."""


def keyring(keys: tuple[tuple[str, bytes], ...]) -> Keyring | None:
    """Of these files, by path; None where there is no gpg, or no key. Made again where its folder was removed, as old
    temporary files are. Raises Unavailable."""
    found = _keyring(keys)
    if found and not found.is_there:
        _keyring.cache_clear()
        found = _keyring(keys)
    return found


@lru_cache(maxsize=4)
def _keyring(keys: tuple[tuple[str, bytes], ...]) -> Keyring | None:
    program = shutil.which("gpg")
    return Keyring(program, keys) if program and keys else None


class Keyring:
    """A folder that is removed with the last reference to it."""

    def __init__(self, program: str, keys: tuple[tuple[str, bytes], ...]) -> None:
        self._program = program
        self._folder = tempfile.TemporaryDirectory(prefix="liftgate-gpg-")
        self._owners: dict[str, tuple[str, ...]] = {}
        for path, data in keys:
            name = _KIND.sub("", path.rpartition("/")[2])
            for words in self._run("--import", stdin=data):
                if words[0] == "IMPORT_OK":
                    self._owners[words[2]] = (*self._owners.get(words[2], ()), name)

    @property
    def is_there(self) -> bool:
        return Path(self._folder.name).is_dir()

    def check(self, signed: bytes, armoured: str) -> CommitSignature:
        """Exactly one good signature counts, as for git."""
        with tempfile.NamedTemporaryFile(dir=self._folder.name, suffix=".sig") as file:  # threads share the keyring
            file.write(armoured.encode())
            file.flush()
            said = {words[0]: words for words in self._run("--verify", file.name, "-", stdin=signed)}
        for word, (state, reason) in _OTHERS.items():
            if word in said:
                return CommitSignature(state=state, reason=reason)
        names = self._owners.get(said["VALIDSIG"][-1], ()) if {"GOODSIG", "VALIDSIG"} <= said.keys() else ()
        if not names:
            return CommitSignature(state="bad signature", reason="its OpenPGP signature cannot be read")
        line = Signer(principals=names, namespaces=(COMMITS,), key=b"")
        name = line.principal
        return CommitSignature(state="signed", signer=name, reason=f"signed by {name} with OpenPGP", lines=(line,))

    def _run(self, *arguments: str, stdin: bytes) -> list[list[str]]:
        """The words of each status line."""
        home = self._folder.name
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            process = subprocess.Popen(
                [self._program, "--homedir", home, *_OPTIONS, *arguments],
                cwd=home,
                env={"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8"},
                stdin=source,
                stdout=pipe,
                stderr=none,
                start_new_session=True,
            )
            try:
                out, _ = output_of(process, seconds_left(_WITHIN, "gpg"))
            except TimeoutError:
                raise Unavailable(f"gpg gave no answer within {_WITHIN:g} s") from None
        lines = (line[len(_STATUS) :] for line in out.split(b"\n") if line.startswith(_STATUS))
        return [words for line in lines if (words := line.decode(errors="replace").split())]
