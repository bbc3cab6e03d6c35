"""The past of one application over a real repository: releases, promotions to prod, edits, and histories rewritten."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from liftgate.domain.approval.requester import Requester
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import Attempt
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PATH, PROMOTION_ID, REVERTS
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.services import planning
from liftgate.services.merge_base import source_blob
from tests.examples import ALLOWED_SIGNERS as SIGNERS
from tests.examples import NOW, WORKER, entry, text
from tests.integrations.conftest import AUTHOR

Files = dict[str, bytes | None]


@dataclass
class Past:
    """`shop` comes from dev (later perhaps from a base) and is promoted to prod; every rule says `promote`."""

    repository: Repository
    head: str = ""
    name: str = "shop"
    was: list[str] = field(default_factory=list)
    folder: str = "configs"
    entries: list[Entry] = field(default_factory=list)
    count: int = 0
    under_way: Entry | None = None
    """The promotion that has its commit, and no outcome yet."""
    standing: list[tuple[str, bytes]] = field(default_factory=list)
    """The promotions that were not taken back, and prod's file before each."""

    @classmethod
    def start(cls, folder: Path) -> Past:
        Git(folder)("init", "--bare", "-q", "config.git")
        past = cls(Repository(folder / "config.git"))
        first = {"settings": {"k0": 0, "k1": 0}}
        files: Files = {past.path(name): text(first) for name in ("dev", "prod")}
        past.commit({**files, "liftgate.json": past.configuration, ALLOWED_SIGNERS: SIGNERS.encode()})
        return past

    @property
    def configuration(self) -> bytes:
        return text(
            {
                "environments": {name: f"/{self.folder}/{name}" for name in ("dev", "prod")},
                "applications": {self.name: {"was": self.was} if self.was else {}},
                "rules": [{"pointer": "/settings/**", "owner": "promote"}],
            }
        )

    @property
    def tree(self) -> ConfigSnapshot:
        return ConfigSnapshot(self.repository, self.head)

    @property
    def newest(self) -> Release:
        return self.tree.newest_release(self.name)

    def path(self, environment: str) -> str:
        return f"{self.folder}/{environment}/values.json"

    def data(self, environment: str) -> bytes | None:
        file = self.repository.file(self.head, self.path(environment))
        return file.data if file else None

    def commit(self, files: Files, said: str = "by hand\n", *, is_ours: bool = False) -> str:
        self.count += 1
        when = NOW + timedelta(minutes=self.count)
        self.head = self.repository.write(self.head, files, said, when, AUTHOR, WORKER if is_ours else None)
        return self.head

    def put(self, environment: str, key: str, value: Any) -> str:
        """By hand."""
        document = json.loads(self.data(environment) or b"{}")
        document["settings"][key] = value
        return self.commit({self.path(environment): text(document)})

    def release(self, key: str, value: Any) -> str:
        """A new release, in dev's file and in the base's if there is one."""
        sha = self.put("dev", key, value)
        return self.put("base", key, value) if self.data("base") else sha

    def plan(self, release: Release | None = None) -> Plan:
        """To prod, at the head."""
        return planning.promote(self.tree, release or self.newest, "prod", NOW.date(), self.entries)

    def promote(self) -> Plan:
        """Committed, with its outcome still to be recorded; a plan that is blocked or empty is only returned."""
        self.record()
        plan, before = self.plan(), self.data("prod") or b"{}\n"
        if plan.blocking or plan.is_empty:
            return plan
        identity = f"promotion-{self.count}"
        promotion = Attempt(
            id=identity,
            kind="promote",
            application=self.name,
            environment="prod",
            argocd=(),
            paths=plan.paths,
            head=self.head,
            requester=Requester(name="ada"),
            requested_at=NOW,
        )
        said = message.compose("Promote", "", message.trailers_of(promotion, plan, ()))
        files: Files = {**planning.applied(self.repository, self.head, plan)}
        self.under_way = self._entry(identity, "promote", self.commit(files, said, is_ours=True), plan)
        self.standing.append((identity, before))
        return plan

    def roll_back(self) -> None:
        """The newest promotion, if one stands."""
        self.record()
        if not self.standing:
            return
        identity, before = self.standing.pop()
        trailers = [(PROMOTION_ID, f"back-{self.count}"), (APPLICATION, self.name), (ENVIRONMENT, "prod")]
        said = message.compose("Roll back", "", [*trailers, (PATH, self.path("prod")), (REVERTS, identity)])
        sha = self.commit({self.path("prod"): before}, said, is_ours=True)
        self.under_way = self._entry(trailers[0][1], "rollback", sha, None).copy_with(reverts=identity)

    def _entry(self, identity: str, kind: str, sha: str, plan: Plan | None) -> Entry:
        moment = NOW + timedelta(minutes=self.count)
        source, path = (plan.source, plan.source_paths[0]) if plan else (sha, self.path("prod"))
        return entry(
            promotion=identity,
            kind=kind,
            application=self.name,
            environment="prod",
            release=plan.release_id if plan else "sha256:" + "a" * 64,
            source=source,
            source_path=path,
            source_blob=source_blob(self.repository, self.entries, source, path),
            values_path=self.path("prod"),
            revision=sha,
            outcome="promoted" if plan else "verified",
            times=Times(requested=moment, committed=moment, verified=moment, finished=moment),
        )

    def record(self) -> None:
        if self.under_way:
            self.entries.append(self.under_way)
            self.under_way = None

    def rename_folder(self) -> None:
        files: Files = {}
        old, self.folder = self.folder, f"configs-{self.count}"
        for path, blob in self.repository.paths(self.head, old):
            files |= {path: None, path.replace(old, self.folder, 1): self.repository.blobs([blob])[0]}
        self.commit(files | {"liftgate.json": self.configuration})

    def rename_application(self) -> None:
        self.was.append(self.name)
        self.name = f"shop-{self.count}"
        self.commit({"liftgate.json": self.configuration})

    def add_base(self) -> None:
        self.commit({self.path("base"): self.data("dev")})

    def squash(self, keep: int = 0) -> None:
        """All commits after the oldest `keep` become one; what was promoted before is on no branch any more."""
        self.record()
        commits = self.repository.log(self.head)[::-1]
        parents = [commits[keep - 1].sha] if 0 < keep < len(commits) else []
        tree, when = self.repository.object_id(self.head, ""), NOW + timedelta(minutes=self.count)
        self.head = self.repository.commit_tree(tree, parents, "Squashed\n", when, AUTHOR, None)
