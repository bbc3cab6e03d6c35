"""A repository of commits that are plain values: what the stand-in's repo-server sees, and what Git would say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from liftgate_sandbox.argocd.repository import Files, GitError, Repository

from liftgate.integrations.deployer.wait_state import Standing

FOLDER = "configs/prod"


class Commits(Repository):
    """One branch `main` (and tags) in memory; every change is a commit on top of it."""

    def __init__(self) -> None:
        self.url = "https://git.test/config.git"
        self.order: list[str] = []
        self.tags: dict[str, str] = {}
        self._trees: dict[str, Files] = {}

    def open(self, url: str, folder: Path, username: str, password: str) -> Repository:  # noqa: ARG002  one for all
        return self

    @property
    def head(self) -> str:
        return self.order[-1]

    def push(self, changes: Mapping[str, Any]) -> str:
        """The new commit; a value of None removes the file."""
        files = dict(self._trees[self.head]) if self.order else {}
        for path, content in changes.items():
            files[path] = content if isinstance(content, bytes) else json.dumps(content).encode()
            if content is None:
                del files[path]
        sha = hashlib.sha1(f"{len(self.order)} {files}".encode(), usedforsecurity=False).hexdigest()
        self._trees[sha] = files
        self.order.append(sha)
        return sha

    def resolve(self, revision: str, now: float, max_age: float = 0.0) -> str:  # noqa: ARG002  always looked up anew
        found = {"main": self.head, "": self.head, "HEAD": self.head, **self.tags}.get(revision, revision)
        if len(found) != 40:
            raise GitError(f"unable to resolve '{revision}' to a commit SHA")
        return found

    def commit(self, revision: str) -> str:
        if revision not in self._trees:
            raise GitError(f"Failed to checkout revision {revision}")
        return revision

    def files(self, revision: str) -> Files:
        return self._trees[self.commit(revision)]

    def standing(self, ours: str, revision: str) -> Standing:
        """What Git says of a revision, by ancestry and by the environment's tree."""
        if revision not in self._trees:
            return "unrelated"
        if self.order.index(revision) < self.order.index(ours):
            return "older"
        return "accepted" if self._tree(revision) == self._tree(ours) else "superseded"

    def _tree(self, revision: str) -> Files:
        return {path: data for path, data in self._trees[revision].items() if path.startswith(FOLDER)}
