"""A bare mirror of the configuration repository: fetched under a file lock, pushed to with a lease."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Literal

from liftgate.domain.common.names import is_ssh
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.git import disk
from liftgate.integrations.git.failure import SignInMemory, is_hiccup, rejection
from liftgate.integrations.git.fetches import Fetches
from liftgate.integrations.git.lock import Lock, in_turn
from liftgate.integrations.git.process import NOT_RENEWED, Git, Result, SignIn
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.ssh import Ssh

PATIENCE = 10.0
"""Seconds to wait for one's turn while another process makes no progress."""
SMALL = "1m"
"""Blobs up to this size come with the fetch; values files always do, a stray large file never."""

Pushed = Literal["pushed", "stale"]

_TRIES = 3
"""How often a push is tried that the remote rejects though the ref did not move: its own locks fail so, too."""
_NO_SUCH_REF = 2
"""`git ls-remote --exit-code` ends with it when the remote answered and has no such ref."""
# Everyone who may push can push a malformed commit; checking it would stop every later fetch.
_CONFIG = """[remote "origin"]
\turl = {url}
\tpromisor = true
\tpartialclonefilter = blob:limit={small}
[gc]
\tauto = 0
[transfer]
\tfsckObjects = false
"""


class Mirror(Repository):
    """One repository, one branch, and the branches below `liftgate/`.

    Whatever writes refs holds the lock, and so does every git process it starts; so a lock file of git's that is
    there when we get the lock was left by a killed one.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        branch: str,
        environment: Mapping[str, str] | None = None,
        ssh: Ssh | None = None,
        *,
        renewed: SignIn = NOT_RENEWED,
    ) -> None:
        """`environment`, or `renewed` before each command, signs in over HTTP; `ssh` over SSH."""
        if not url:
            raise Misconfigured("no configuration repository: set LIFTGATE_REPOSITORY__URL")
        self.url, self.branch = url, branch
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        self.directory = folder.expanduser().absolute() / "mirrors" / f"{name}.git"
        self._ssh = (ssh or Ssh()) if is_ssh(url) else None
        self._environment, self._renewed = dict(environment or {}), NOT_RENEWED if self._ssh else renewed
        self._sign_in = SignInMemory()
        self._fetches = Fetches(self.directory, branch)
        super().__init__(self.directory, disk.only(self.directory, self._environment), self._ssh, renewed=self._renewed)

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    @property
    def head(self) -> str:
        """The branch's commit as last fetched."""
        return self.resolve(self.ref)

    def prepare(self) -> None:
        """Make the mirror if it is not there; nothing is asked of the remote."""
        with self._locked():
            pass

    def fetch(self) -> str:
        """Bring the mirror up to date; the branch's commit. A fetch of another process that began after this call does
        it too. Raises Unavailable, Misconfigured."""
        begun = self._fetches.begun()
        with self._locked() as lock:
            if not self._fetches.has_ended_since(begun):
                with self._fetches.one():
                    self._fetch(lock)
        return self.head

    def _fetch(self, lock: Lock) -> None:
        disk.remove_leftovers(self.directory)
        if disk.is_damaged(self.directory, self._git(lock), lock.touch):
            self._make_again(lock)
        result = self._fetched(self.directory, lock)
        if result.status and disk.remove_locks(self.directory):
            result = self._fetched(self.directory, lock)
        if result.status:
            raise self._why(result)
        self._sign_in.worked("fetch")

    def turn(self, to: str) -> AbstractContextManager[None]:
        """One process of this host after the other writes a commit and pushes it, so that none makes one that is stale
        at once. It is no lock: one that waited for long goes on, and the lease of the push decides."""
        return in_turn(self.directory.with_suffix(f".{to}.lock"), PATIENCE)

    def fetch_objects(self, ref: str) -> None:
        """Bring what one more ref of the remote has, and no ref: nothing that is found by refs changes.

        Raises Unavailable, Misconfigured.
        """
        with self._locked() as lock:
            result = self._git(lock).run(
                "fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--progress",
                f"--filter=blob:limit={SMALL}", "origin", ref, alive=lock.touch,
            )  # fmt: skip
        if result.status:
            raise self._failure("fetch", result)
        self._sign_in.worked("fetch")

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        """Move the ref from the expected commit ("" = it must not exist) to ours, or say that it moved before.

        The same push removes the ref `needless`, if the remote has it; whether it did is not told, and `remove` says
        why not. Raises Refused when the remote's rules reject it, Unavailable when the answer is lost: fetch and look.
        """
        refspecs = [f"{sha}:{ref}", *([f":{needless}"] if needless else [])]
        pushed = self._pushed(refspecs, ref, expected, f"--force-with-lease={ref}:{expected}")
        if pushed == "pushed":
            self._follow(ref, sha, expected)
        return pushed

    def check_push(self, ref: str) -> None:
        """Raises Misconfigured where the sign-in may not push at all, Unavailable. Nothing is pushed, so the server
        does not ask its rules for the branch."""
        self._told(self.git.run("push", "--dry-run", "--porcelain", "--no-verify", "origin", f"{self.head}:{ref}"), ref)

    def remove(self, ref: str) -> None:
        """A ref that is gone already is no error. Raises Refused when the remote's rules forbid it, Unavailable."""
        pushed = self._pushed([f":{ref}"], ref, self.resolve(ref) or self._there(ref))
        if pushed == "stale" and self._there(ref):
            raise Unavailable(f"{ref} could not be removed: it is changing now")
        if self.resolve(ref):
            self._follow(ref, "", "")

    def _fetched(self, directory: Path, lock: Lock) -> Result:
        """Progress extends the deadline: a first fetch takes as long as the repository is large."""
        return self._git(lock, directory).run(
            "fetch", "--prune", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--progress",
            f"--filter=blob:limit={SMALL}", "origin",
            f"+{self.ref}:{self.ref}", "+refs/heads/liftgate/*:refs/heads/liftgate/*",
            alive=lock.touch,
        )  # fmt: skip

    def _why(self, result: Result) -> LiftgateError:
        """A remote that answers and has the branch is not what a fetch failed at: the mirror may be."""
        asked = self._asked(self.ref)
        if asked.status == _NO_SUCH_REF:
            return Misconfigured(f'the repository has no branch "{self.branch}"; look at LIFTGATE_REPOSITORY__BRANCH')
        if asked.status:
            return self._failure("fetch", asked)
        return self._failed("fetch", result)

    def _failed(self, verb: str, result: Result) -> LiftgateError:
        disk.doubt(self.directory)
        return super()._failed(verb, result)

    def _pushed(self, refspecs: Sequence[str], ref: str, expected: str, *options: str) -> Pushed:
        for _ in range(_TRIES):
            result = self.git.run("push", "--porcelain", "--no-verify", *options, "origin", *refspecs)
            flag, said = self._told(result, ref)
            for gone in _removed(result):
                self._follow(gone, "", "")
            if flag != "!":
                self._sign_in.worked("push")
                return "pushed"
            if not said.startswith("[remote rejected]") or self._there(ref) != expected:
                return "stale"
            refspecs = refspecs[:1]  # many servers refuse a push as a whole, also for what is only needless
        why = rejection(said, result.err)
        if is_hiccup(said):
            raise Unavailable(f"the repository could not take the push to {ref}: {why}")
        raise Refused(f"the repository does not let the worker push to {ref}: {why}")

    def _told(self, result: Result, ref: str) -> tuple[str, str]:
        """Flag and summary that `git push --porcelain` gives for the ref."""
        for line in result.out.decode(errors="replace").split("\n"):
            flag, _, rest = line.partition("\t")
            names, _, summary = rest.partition("\t")
            if flag in (" ", "*", "=", "+", "-", "!") and names.endswith(f":{ref}"):
                return flag, summary
        raise self._failure("push", result)

    def _failure(self, verb: str, result: Result, *, by_remote: bool = True) -> LiftgateError:
        if result.is_refused:
            self._renewed.refused()
        return self._sign_in.failure(verb, result.failure(verb, by_remote=by_remote), is_refused=result.is_refused)

    def _there(self, ref: str) -> str:
        """What the ref is on the remote now; an empty string when it is not there."""
        asked = self._asked(ref)
        if asked.status == _NO_SUCH_REF:
            return ""
        if asked.status:
            raise self._failure("fetch", asked)
        return asked.out.split(b"\t", 1)[0].decode()

    def _asked(self, ref: str) -> Result:
        """Of the remote alone, whatever the mirror's state."""
        outside = self.directory.parent
        git = Git(outside, disk.none(outside, self._environment), ssh=self._ssh, renewed=self._renewed)
        return git.run("ls-remote", "--exit-code", "--end-of-options", self.url, ref)

    def _follow(self, ref: str, sha: str, expected: str) -> None:
        """The mirror's ref goes where the remote's went, unless a fetch was quicker; the next one will see to it."""
        moved = ("update-ref", ref, sha, expected or "0" * 40) if sha else ("update-ref", "-d", ref)
        with suppress(Unavailable), self._locked() as lock:
            if self._git(lock).run(*moved).status and disk.remove_locks(self.directory):
                self._git(lock).run(*moved)

    @contextmanager
    def _locked(self) -> Iterator[Lock]:
        """One writer at a time over all processes: git's own ref locks fail instead of waiting."""
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        with Lock(self.directory.with_suffix(".lock")) as lock:
            if not disk.is_whole(self.directory):
                disk.swap(self._made(lock), self.directory)
            yield lock

    def _made(self, lock: Lock) -> Path:
        """A mirror without content, beside its place: killed at any moment, it is none yet."""
        made = disk.beside(self.directory)
        self._git(lock, made)("init", "--bare", "--quiet", "--template=")
        with (made / "config").open("a", encoding="utf-8", errors="surrogateescape") as config:
            config.write(_CONFIG.format(url=_quoted(self.url), small=SMALL))
        return made

    def _make_again(self, lock: Lock) -> None:
        """What is damaged stays until the new one has everything."""
        made = self._made(lock)
        result = self._fetched(made, lock)
        if result.status:
            raise self._failure("fetch", result, by_remote=False)
        disk.note_made_again(made)
        disk.swap(made, self.directory)

    def _git(self, lock: Lock, directory: Path | None = None) -> Git:
        """Its processes hold the lock as long as they live."""
        where = directory or self.directory
        only = disk.only(where, self._environment)
        return Git(where, only, holds=[lock.fileno()], ssh=self._ssh, renewed=self._renewed)


def _removed(result: Result) -> list[str]:
    """The refs that the push removed, by `git push --porcelain`."""
    lines = (line.split("\t") for line in result.out.decode(errors="replace").split("\n"))
    return [words[1].removeprefix(":") for words in lines if len(words) > 1 and words[0] == "-"]


def _quoted(text: str) -> str:
    """A value as git's configuration file has it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
