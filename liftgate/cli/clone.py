"""A person's clone of the configuration repository: its work tree, its HEAD, and the ledger it last fetched."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from liftgate.domain.approval.pause import Pause
from liftgate.domain.config.configuration import FILE
from liftgate.domain.drift.record import Record
from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.work_tree import NOW, WorkTree

if TYPE_CHECKING:
    from liftgate.integrations.ledger.past import Past

HERE = "."
LEDGERS = ("refs/remotes/origin/liftgate/ledger", "refs/heads/liftgate/ledger")


def add_repo(parser: ArgumentParser) -> None:
    parser.add_argument("--repo", metavar="DIR", default=HERE, help="a clone of the configuration repository")


class Clone:
    def __init__(self, folder: str) -> None:
        """The clone that contains the folder. Raises Misconfigured if there is none."""
        start = Path(folder).resolve()
        if not start.is_dir():
            raise Misconfigured(f"there is no folder {folder}; name a clone with --repo DIR")
        above = [start, *start.parents]
        top = next((path for path in above if (path / ".git").exists() or (path / FILE).exists()), None)
        if top is None:
            raise Misconfigured(
                f"{start} is not in a Git repository and has no {FILE}; "
                "name a clone with --repo DIR, or make one with: liftgate init"
            )
        self.folder = top

    @cached_property
    def repository(self) -> Repository:
        return Repository(self.folder)

    @cached_property
    def work_tree(self) -> ConfigSnapshot:
        """The files in the work tree, committed or not."""
        return ConfigSnapshot(WorkTree(self.folder), NOW)

    @cached_property
    def staged(self) -> ConfigSnapshot:
        """The files in Git's index: what the next commit would have."""
        from liftgate.integrations.git.staged import staged_tree

        return ConfigSnapshot(*staged_tree(self.folder))

    @cached_property
    def tree(self) -> ConfigSnapshot:
        """The commit HEAD. Raises Misconfigured when nothing is committed."""
        head = self.repository.resolve("HEAD")
        if not head:
            place = self.folder / ".git"
            is_theirs = place.exists() and place.stat().st_uid != os.geteuid()
            why = "it belongs to another user" if is_theirs else "nothing is committed"
            raise Misconfigured(f"{self.folder} has no commit to read: {why}")
        return ConfigSnapshot(self.repository, head)

    @cached_property
    def ledger(self) -> str:
        """The ledger's ref, or an empty string when none was fetched."""
        return next((ref for ref in LEDGERS if self.repository.resolve(ref)), "")

    def entries(self, application: str = "", environment: str = "") -> list[Entry]:
        """The entries that an allowed signer signed, oldest first."""
        from liftgate.integrations.ledger import git_branch

        under = git_branch.folder(application, environment)
        return git_branch.read_ledger(self.repository, self.tree.signers, under, self.ledger) if self.ledger else []

    @cached_property
    def past(self) -> Past:
        """The same in short."""
        from liftgate.integrations.ledger.past import past_of

        return past_of(self.repository, self.tree.signers, self.ledger)

    def pauses(self) -> list[Pause]:
        """The pauses in force, as last fetched."""
        from liftgate.integrations.git.pauses import REMOTES
        from liftgate.integrations.ledger import pause_files

        return pause_files.read_pauses(self.repository, self.tree.signers, REMOTES, self.ledger or LEDGERS[0])

    def drifts(self) -> list[Record]:
        """Changes outside Git that the Liftgate server signed, oldest first."""
        from liftgate.integrations.ledger import drift_files

        return drift_files.read_drift_files(self.repository, self.tree.signers, self.ledger) if self.ledger else []

    def unread(self) -> list[str]:
        """A sentence for each file of the ledger that cannot be read."""
        from liftgate.integrations.ledger import drift_files

        if not self.ledger:
            return []
        return [
            *self.past.whole.unread,
            *drift_files.drift_files_at(self.repository, self.tree.signers, self.ledger).unread,
        ]
