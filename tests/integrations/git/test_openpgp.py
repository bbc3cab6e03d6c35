"""OpenPGP signatures as git and gpg make them, judged by the keys in the repository and by no other keyring."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from liftgate.domain.commits import commit_object
from liftgate.domain.commits.unsigned_commit import signed_commit
from liftgate.integrations.git import openpgp
from liftgate.integrations.git.commit_signatures import read_signatures
from liftgate.integrations.git.openpgp import GPG_KEYS, keyring
from tests.integrations.git.test_commit_signatures import ADA, Branch, branch

__all__ = ["branch"]
pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


@dataclass(frozen=True)
class Person:
    home: Path

    def gpg(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--passphrase", "", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout

    @property
    def public(self) -> bytes:
        return self.gpg("--armor", "--export")

    def sign(self, branch: Branch, unsigned: bytes) -> str:
        """The unsigned commit with its signature, on the main branch."""
        armoured = self.gpg("--armor", "--detach-sign", stdin=unsigned).decode()
        data = signed_commit(unsigned, armoured)
        branch.head = branch.repository.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=data)
        return branch.head


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    made = Person(tmp_path_factory.mktemp("gpg"))
    made.home.chmod(0o700)
    made.gpg("--quick-generate-key", "Ada <ada@example.com>", "ed25519", "sign", "never")
    yield made
    subprocess.run(["gpgconf", "--homedir", str(made.home), "--kill", "all"], check=False)


def next_commit(branch: Branch) -> bytes:
    sha = branch.commit({"values.json": b"%d" % branch.count})
    return branch.repository.objects([sha])[0] or b""


def told(branch: Branch, commit: str) -> tuple[str, str]:
    (found,) = read_signatures(branch.repository, branch.head, [commit], frozenset())
    return found.signature.state, found.signature.reason


def test_a_key_of_the_repository_proves_its_owner(branch: Branch, ada: Person) -> None:
    early = ada.sign(branch, next_commit(branch))
    branch.commit({f"{GPG_KEYS}/ada@example.com.asc": ada.public, f"{GPG_KEYS}/README": b"keys"}, ADA)
    good = ada.sign(branch, next_commit(branch))
    assert told(branch, good) == ("signed", "signed by ada@example.com with OpenPGP")
    assert told(branch, early) == ("not checked", "signed with OpenPGP, which is not checked")
    assert branch.repository.git.run("verify-commit", good).status, "the machine's own keyring does not have it"


def test_another_key_other_content_and_garbage_prove_nothing(
    branch: Branch, ada: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Person(tmp_path_factory.mktemp("gpg"))  # gpg's socket is in it: the path of one must be short
    other.home.chmod(0o700)
    other.gpg("--quick-generate-key", "Ada <ada@example.com>", "ed25519", "sign", "never")
    branch.commit({f"{GPG_KEYS}/ada@example.com.asc": ada.public}, ADA)
    assert told(branch, other.sign(branch, next_commit(branch)))[0] == "unknown key"
    subprocess.run(["gpgconf", "--homedir", str(other.home), "--kill", "all"], check=False)
    ring = keyring((("ada@example.com.asc", ada.public),))
    assert ring
    unsigned = next_commit(branch)
    read = commit_object.read_commit_object(branch.repository.objects([ada.sign(branch, unsigned)])[0] or b"")
    assert ring.check(read.signed, read.armoured).state == "signed"
    assert ring.check(read.signed + b"x", read.armoured).state == "bad signature"
    assert ring.check(read.signed, "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n").state == "bad signature"
    assert ring.check(read.signed, read.armoured.replace("-----BEGIN", "x")).state == "bad signature"


def test_threads_may_share_a_keyring(branch: Branch, ada: Person) -> None:
    ring = keyring((("old/ada@example.com", ada.public),))
    assert ring
    listed = branch.repository.objects([ada.sign(branch, next_commit(branch)) for _ in range(4)])
    commits = [commit_object.read_commit_object(data or b"") for data in listed]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: ring.check(each.signed, each.armoured).signer, commits * 3))
    assert found == ["ada@example.com"] * 12


def test_a_revoked_key_is_told(branch: Branch, ada: Person) -> None:
    fingerprint = next(
        line.split(":")[9]
        for line in ada.gpg("--with-colons", "--list-keys").decode().split("\n")
        if line[:4] == "fpr:"
    )
    revocation = (
        (ada.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes().replace(b":-----BEGIN", b"-----BEGIN")
    )
    ring = keyring((("ada@example.com.asc", ada.public), ("revoked.asc", revocation)))
    assert ring
    read = commit_object.read_commit_object(
        branch.repository.objects([ada.sign(branch, next_commit(branch))])[0] or b""
    )
    assert ring.check(read.signed, read.armoured).state == "revoked key"


def test_a_keyring_whose_folder_was_removed_is_made_again(branch: Branch, ada: Person) -> None:
    """The machine, or a worker, removes temporary files that no process used for a day."""
    keys = (("new/ada@example.com", ada.public),)
    ring = keyring(keys)
    assert ring
    shutil.rmtree(ring._folder.name)
    (data,) = branch.repository.objects([ada.sign(branch, next_commit(branch))])
    read, again = commit_object.read_commit_object(data or b""), keyring(keys)
    assert again
    assert again.check(read.signed, read.armoured).state == "signed"


def test_without_gpg_it_is_not_checked(branch: Branch, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    openpgp._keyring.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    branch.commit({f"{GPG_KEYS}/ada@example.com.asc": ada.public}, ADA)
    assert told(branch, ada.sign(branch, next_commit(branch)))[0] == "not checked"
    openpgp._keyring.cache_clear()
