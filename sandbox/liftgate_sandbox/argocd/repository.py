"""One Git repository as Argo CD's repo-server sees it: refs, commits and their files, by the git program."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from threading import RLock

from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.listing import NotListed, listed
from liftgate_sandbox.argocd.receiving import pack_of
from liftgate_sandbox.ref_files import read_refs

Files = dict[str, bytes]
"""The files of one commit by their path."""

_MANY = 50
"""Files of a commit; where there are more, only those are read that the next commit changes."""
_ATTRIBUTES = ".gitattributes"
"""What is in such a file decides which others are given out."""
_HAVES = 16
"""Commits that a server is told are here."""
_SHA = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")


class GitError(Exception):
    """Git could not do it; `str()` is the text that Argo CD gives out, `code` the gRPC code it reports."""

    def __init__(self, text: str, code: str = "Unknown") -> None:
        super().__init__(text)
        self.code = code


class Repository:
    """A bare mirror of `url` in `folder`; safe to use from several threads."""

    def __init__(self, url: str, folder: Path, username: str = "", password: str = "") -> None:
        self.url = url
        self._folder = folder
        self._headers = _sign_in(username, password)
        self._environment = _environment(self._headers)
        self._lock = RLock()
        self._refs: dict[str, str] = {}
        self._refs_at = float("-inf")
        self._files: dict[str, Files] = {}
        self._received: list[str] = []
        self._is_new = not (folder / "HEAD").exists()

    def refs(self, now: float, max_age: float) -> dict[str, str]:
        """All refs by name; asks the repository when the last answer is older than `max_age` seconds."""
        with self._lock:
            if now - self._refs_at >= max_age:
                self._refs = self._listed()
                self._refs_at = now
            return self._refs

    def _listed(self) -> dict[str, str]:
        if self.url.startswith("http://"):
            try:
                return listed(self.url, self._headers)
            except NotListed as refused:
                raise GitError(f"failed to list refs: {_refusal(self.url, refused.status)}") from None
        if here := _listed_here(Path(self.url)):
            return here
        lines = self._remote("ls-remote", self.url).splitlines()
        return {name: sha for sha, _, name in (line.partition("\t") for line in lines)}

    def resolve(self, revision: str, now: float, max_age: float = 0.0) -> str:
        """The SHA of a branch, tag or HEAD; a full or short SHA stays as it is, unchecked."""
        if _SHA.fullmatch(revision):
            return revision
        refs = self.refs(now, max_age)
        name = revision or "HEAD"
        for candidate in (name, f"refs/heads/{name}", f"refs/tags/{name}^{{}}", f"refs/tags/{name}"):
            if candidate in refs:
                return refs[candidate]
        if _SHORT.fullmatch(revision):
            return revision
        raise GitError(f"unable to resolve '{revision}' to a commit SHA")

    def commit(self, revision: str) -> str:
        """The full SHA of a commit that is in the mirror afterwards."""
        with self._lock:
            if _SHA.fullmatch(revision):
                self.files(revision)
                return revision
            found = self._known(revision) or self._fetched(revision)
            if not found:
                raise GitError(_checkout_failed(revision))
            return found

    def files(self, revision: str) -> Files:
        """The files of a commit; the last few answers are remembered."""
        with self._lock:
            sha = revision if _SHA.fullmatch(revision) else self.commit(revision)
            if sha not in self._files:
                self._files[sha] = self._changed(sha) or self._archived(sha)
                self._files = dict(list(self._files.items())[-16:])
            return self._files[sha]

    def _archived(self, sha: str) -> Files:
        """One process finds the commit and reads its files; what is not in the mirror is fetched."""
        self._create()
        read = ("archive", "--format=tar", f"{sha}^{{commit}}")
        if self._is_new:
            self._receive(sha)
        done, self._is_new = self._run(*read), True
        if done.returncode and self._receive(sha):
            done = self._run(*read)
        if done.returncode and not self._fetched(sha):
            raise GitError(_checkout_failed(sha))
        return _unpack(self._git(*read) if done.returncode else done.stdout)

    def _changed(self, sha: str) -> Files | None:
        """From the files of the commit that was read last; None where all must be read."""
        last = next(reversed(self._files), "")
        files = dict(self._files.get(last, {}))
        if len(files) <= _MANY:
            return None
        self._receive(sha)
        said = self._run("diff-tree", "-r", "-z", "--no-renames", "--name-status", last, f"{sha}^{{commit}}")
        words = said.stdout.decode().split("\0")[:-1]
        changes = dict(zip(words[1::2], words[::2], strict=True))
        if said.returncode or len(changes) > _MANY or any(path.endswith(_ATTRIBUTES) for path in changes):
            return None
        for path in changes:
            files.pop(path, None)
        if there := [path for path, status in changes.items() if status != "D"]:
            files |= _unpack(self._git("--literal-pathspecs", "archive", "--format=tar", sha, "--", *there))
        return dict(sorted(files.items()))

    def _receive(self, sha: str) -> bool:
        """The quick way to a commit that is not here; of what fails here, the program git says why."""
        if sha in self._received or not self.url.startswith("http://"):
            return False
        pack = pack_of(self.url, self._headers, sha, self._received)
        if not pack or self._run("unpack-objects", "-q", given=pack).returncode:
            return False
        self._received = [*self._received, sha][-_HAVES:]
        return True

    def metadata(self, revision: str) -> Object:
        """Author, date, tags and message of a commit, as `revisions/{sha}/metadata` answers."""
        with self._lock:
            sha = self.commit(revision)
            shown = self._git("show", "--no-patch", "--format=%an <%ae>%n%cI%n%B", sha).decode()
            author, date, message = shown.split("\n", 2)
            known = self._listed().items()
        pointing = [name for name, at in known if at == sha and name.startswith("refs/tags/")]
        tags = sorted(name.removeprefix("refs/tags/").removesuffix("^{}") for name in pointing)
        answer = {"author": author, "date": date.replace("+00:00", "Z"), "message": message.strip()}
        return answer | ({"tags": tags} if tags else {})

    def _known(self, revision: str) -> str:
        self._create()
        asked = self._run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return asked.stdout.decode().strip()

    def _create(self) -> None:
        if not (self._folder / "HEAD").exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", "--template=")

    def _fetched(self, revision: str) -> str:
        """The commit after a fetch; empty if it is not there."""
        everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        self._remote("-C", str(self._folder), "fetch", "--quiet", "--force", self.url, *everything)
        found = self._known(revision)
        if found or not _SHA.fullmatch(revision):
            return found
        try:
            self._remote("-C", str(self._folder), "fetch", "--quiet", self.url, revision)
        except GitError as error:
            raise GitError(_checkout_failed(revision)) from error
        return self._known(revision)

    def _git(self, *arguments: str) -> bytes:
        return self._run(*arguments, check=True).stdout

    def _run(self, *arguments: str, check: bool = False, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self._folder), *arguments]
        return subprocess.run(command, env=self._environment, input=given or None, capture_output=True, check=check)

    def _remote(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GitError(f"failed to list refs: {_reason(self.url, done.stderr)}")
        return done.stdout


def _listed_here(folder: Path) -> dict[str, str]:
    """The refs of a repository on this disk, without a process; nothing where only git can say what they are."""
    inner = folder / ".git"
    known = read_refs(inner if inner.is_dir() else folder)
    if known is None or any(name.startswith("refs/tags/") for name in known.all):
        return {}
    return {**({"HEAD": known.all[known.head]} if known.head in known.all else {}), **known.all}


def _sign_in(username: str, password: str) -> dict[str, str]:
    if not (username or password):
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"}


def _environment(headers: Mapping[str, str]) -> dict[str, str]:
    """A git without the settings of its user, that never asks and shows no password to `ps`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = [("safe.directory", "*"), ("maintenance.auto", "false")]
    settings += [("http.extraHeader", f"{name}: {value}") for name, value in headers.items()]
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    return inherited | quiet | numbered | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def _reason(url: str, stderr: str) -> str:
    """What went wrong with a remote, in the words of the Git library that Argo CD uses."""
    if "could not read Username" in stderr or "Authentication failed" in stderr or "error: 401" in stderr:
        return _refusal(url, 401)
    if "not found" in stderr or "does not appear to be a git repository" in stderr:
        return _refusal(url, 404)
    if status := re.search(r"returned error: (\d+)", stderr):
        return _refusal(url, int(status[1]))
    if "Failed to connect" in stderr or "Couldn't connect" in stderr:
        return _refusal(url, 0)
    return stderr.strip().splitlines()[-1] if stderr.strip() else "unknown error"


def _refusal(url: str, status: int) -> str:
    """What that Git library makes of the status of an answer; 0 for a server that cannot be reached."""
    asked = f"{url}/info/refs?service=git-upload-pack"
    known = {
        401: "authentication required: ",
        404: "repository not found: ",
        0: f'Get "{asked}": dial tcp: connect: connection refused',
    }
    return known.get(status, f'unexpected client error: unexpected requesting "{asked}" status code: {status}')


def _checkout_failed(revision: str) -> str:
    return (
        "failed to initialize repository resources: rpc error: code = Internal desc = "
        f"Failed to checkout revision {revision}: `git fetch origin {revision} --tags --force --prune` "
        f"failed exit status 128: fatal: remote error: upload-pack: not our ref {revision}"
    )


def _unpack(archive: bytes) -> Files:
    found: Files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isfile() and (content := tar.extractfile(member)):
                found[member.name] = content.read()
    return dict(sorted(found.items()))
