"""Somebody's clone of the configuration repository: its work tree, its HEAD, and the ledger it last fetched."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import cached_property
from pathlib import Path

from liftgate.domain.configuration import FILE
from liftgate.domain.drift_record import Record
from liftgate.domain.ledger import Entry
from liftgate.errors import Misconfigured
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.git.work_tree import NOW, WorkTree

HERE = "."
LEDGERS = ("refs/remotes/origin/liftgate/ledger", "refs/heads/liftgate/ledger")


def add_repo(parser: ArgumentParser) -> None:
    parser.add_argument("--repo", metavar="DIR", default=HERE, help="a clone of the configuration repository")


class Clone:
    def __init__(self, folder: str) -> None:
        """The clone around the folder; raises Misconfigured when there is none."""
        start = Path(folder).resolve()
        if not start.is_dir():
            raise Misconfigured(f"there is no folder {folder}; name a clone with --repo DIR")
        above = [start, *start.parents]
        top = next((path for path in above if (path / ".git").exists() or (path / FILE).exists()), None)
        if top is None:
            raise Misconfigured(
                f"{start} is neither in a Git repository nor holds a {FILE}; "
                "name a clone with --repo DIR, or make one with: liftgate init"
            )
        self.folder = top

    @cached_property
    def repository(self) -> Repository:
        return Repository(self.folder)

    @cached_property
    def work_tree(self) -> Tree:
        """The files as they lie there, committed or not."""
        return Tree(WorkTree(self.folder), NOW)

    @cached_property
    def tree(self) -> Tree:
        """What HEAD says. Raises Misconfigured when nothing is committed."""
        head = self.repository.resolve("HEAD")
        if not head:
            place = self.folder / ".git"
            is_theirs = place.exists() and place.stat().st_uid != os.geteuid()
            why = "it belongs to another user" if is_theirs else "nothing is committed"
            raise Misconfigured(f"{self.folder} has no commit to read: {why}")
        return Tree(self.repository, head)

    @cached_property
    def ledger(self) -> str:
        """The ledger's ref, or an empty string when none was fetched."""
        return next((ref for ref in LEDGERS if self.repository.resolve(ref)), "")

    def entries(self) -> list[Entry]:
        """What somebody allowed signed, oldest first."""
        from liftgate.integrations.ledger import git_branch

        return git_branch.read(self.repository, self.tree.signers, ref=self.ledger) if self.ledger else []

    def drifts(self) -> list[Record]:
        """Changes past Git that the gatehouse signed, oldest first."""
        from liftgate.integrations.ledger import drift_files

        return drift_files.read(self.repository, self.tree.signers, self.ledger) if self.ledger else []

    def unread(self) -> list[str]:
        """A sentence for each file of the ledger that cannot be read."""
        from liftgate.integrations.ledger import drift_files, git_branch

        if not self.ledger:
            return []
        entries = git_branch.look(self.repository, self.tree.signers, ref=self.ledger)
        return [*entries.unread, *drift_files.look(self.repository, self.tree.signers, self.ledger).unread]
