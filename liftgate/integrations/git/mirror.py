"""A bare mirror of the configuration repository: fetched under a file lock, pushed to with a lease."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git.process import Git, Result, failure
from liftgate.integrations.git.repository import Repository

SMALL = "1m"
"""Blobs up to this size come with the fetch; values files always do, a stray large file never."""

Pushed = Literal["pushed", "stale"]

_RACES = ("cannot lock ref", "failed to update ref", "incorrect old value", "reference already exists")
"""How a remote says that somebody else was quicker, after it compared our lease."""


class Mirror(Repository):
    """One repository, one branch, and the branches below `liftgate/`."""

    def __init__(self, folder: Path, url: str, branch: str, environment: Mapping[str, str] | None = None) -> None:
        if not url:
            raise Misconfigured("no configuration repository: set LIFTGATE_REPOSITORY__URL")
        self.url, self.branch = url, branch
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        self.directory = folder.expanduser() / "mirrors" / f"{name}.git"
        super().__init__(self.directory, environment)

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
        """Bring the mirror up to date; the branch's commit. Raises Unavailable, Misconfigured."""
        with self._locked():
            refspecs = [f"+{self.ref}:{self.ref}", "+refs/heads/liftgate/*:refs/heads/liftgate/*"]
            result = self.git.run(
                "fetch", "--prune", "--no-tags", "--no-write-fetch-head", "--no-auto-gc",
                f"--filter=blob:limit={SMALL}", "origin", *refspecs,
            )  # fmt: skip
        if result.status and "couldn't find remote ref" in result.err:
            raise Misconfigured(f'the repository has no branch "{self.branch}"; look at LIFTGATE_REPOSITORY__BRANCH')
        if result.status:
            raise failure("fetch", result.err)
        return self.head

    def push(self, sha: str, ref: str, expected: str) -> Pushed:
        """Move the ref from the expected commit ("" = it must not exist) to ours, or say that it moved before.

        Raises Refused when the remote's rules reject it, Unavailable when the answer is lost: fetch and look.
        """
        result = self.git.run(
            "push",
            "--porcelain",
            "--no-verify",
            f"--force-with-lease={ref}:{expected}",
            "origin",
            f"{sha}:{ref}",
        )
        return _pushed(result, ref)

    def remove(self, ref: str) -> None:
        """Gone is gone, whoever removed it. Raises Refused when the remote's rules forbid it, Unavailable."""
        pushed = _pushed(self.git.run("push", "--porcelain", "--no-verify", "origin", f":{ref}"), ref)
        if pushed == "stale":
            raise Unavailable(f"{ref} could not be removed: somebody else changes it")
        self.git("update-ref", "-d", ref)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One fetch at a time over all processes: git's own ref locks fail instead of waiting."""
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        with self.directory.with_suffix(".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not (self.directory / "HEAD").exists():
                self._create()
            yield

    def _create(self) -> None:
        git = Git(self.directory.parent)
        git("init", "--bare", "--quiet", self.directory.name)
        for key, value in (
            ("remote.origin.url", self.url),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", f"blob:limit={SMALL}"),
            ("gc.auto", "0"),
            ("transfer.fsckObjects", "true"),
        ):
            self.git("config", key, value)


def _pushed(result: Result, ref: str) -> Pushed:
    """What `git push --porcelain` says of the ref."""
    for line in result.out.decode(errors="replace").splitlines():
        flag, _, rest = line.partition("\t")
        if flag in (" ", "*", "=", "+", "-"):
            return "pushed"
        if flag == "!" and "[remote rejected]" in rest and not any(race in rest for race in _RACES):
            raise Refused(f"the repository does not let the worker push to {ref}: {rest.split('(')[-1].rstrip(')')}")
        if flag == "!":
            return "stale"
    raise failure("push", result.err)
