"""A repository whose application has several values files, without servers: `shop` in dev, prod and a base."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from liftgate.domain.ledger.entry_file import EntryFile
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.message import (
    APPLICATION,
    ENVIRONMENT,
    PATH,
    PROMOTION_ID,
    SOURCE,
    SOURCE_PATH,
    compose,
)
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.services import planning
from tests.examples import ALLOWED_SIGNERS as SIGNERS
from tests.examples import NOW, WORKER, entry, text
from tests.integrations.conftest import AUTHOR

APP: Final = "shop"


def features(**flags: Any) -> bytes:
    return text({"flags": flags})


def shop(version: str) -> bytes:
    return text({"application": {"name": APP, "version": version}})


@dataclass
class Several:
    repository: Repository
    head: str = ""
    count: int = 0
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def start(cls, folder: Path, values: Any, **more: Any) -> Several:
        Git(folder)("init", "--bare", "-q", "config.git")
        scene = cls(Repository(folder / "config.git"))
        scene.configure(values, **more)
        scene.commit({".liftgate/allowed_signers": SIGNERS.encode()})
        for place in ("base", "dev", "prod"):
            scene.commit({f"configs/{place}/values.json": shop("1.0.0"), f"configs/{place}/features.json": features()})
        return scene

    def configure(self, values: Any, **more: Any) -> None:
        rules = [{"pointer": "/flags/**", "owner": "promote"}]
        application = {"values": values} | more.pop("application", {})
        written = {"environments": {"dev": "/configs/dev", "prod": "/configs/prod"}, "rules": rules}
        self.commit({"liftgate.json": text(written | {"applications": {APP: application}} | more)})

    def commit(self, files: dict[str, bytes | None], said: str = "by hand\n", *, is_ours: bool = False) -> str:
        self.count += 1
        when = NOW + timedelta(minutes=self.count)
        self.head = self.repository.write(self.head, files, said, when, AUTHOR, WORKER if is_ours else None)
        return self.head

    @property
    def tree(self) -> ConfigSnapshot:
        return ConfigSnapshot(self.repository, self.head)

    def plan(self, to: str = "prod") -> Plan:
        return planning.promote(self.tree, self.tree.newest_release(APP), to, NOW.date(), self.entries)

    def rows(self, to: str = "prod") -> list[str]:
        return [f"{row.kind} {row.where}" for row in self.plan(to).rows]

    def promote(self, to: str = "prod") -> Plan:
        """Committed and recorded."""
        plan, name = self.plan(to), f"promotion-{self.count}"
        assert not plan.blocking
        pairs = [(PROMOTION_ID, name), (APPLICATION, APP), (ENVIRONMENT, to), (SOURCE, plan.source)]
        pairs += [(SOURCE_PATH, path) for path in plan.source_paths] + [(PATH, path) for path in plan.paths]
        files: dict[str, bytes | None] = {**planning.applied(self.repository, self.head, plan)}
        sha = self.commit(files, compose("Promote", "", pairs), is_ours=True)
        release = self.tree.release_at(APP, plan.source, plan.source_paths)
        there = {each.file: each.path for each in release.files}
        blobs = {file: self.repository.object_id(plan.source, path) for file, path in there.items()}
        listed = [
            EntryFile(file=name, path=each.path, source_path=there.get(name, ""), source_blob=blobs.get(name, ""))
            for each in plan.files
            for name in [each.file]
        ]
        outcome = entry(
            promotion=name, application=APP, environment=to, release=plan.release_id, source=plan.source, revision=sha,
        )  # fmt: skip
        self.entries.append(outcome.copy_with(files=tuple(listed)))
        return plan
