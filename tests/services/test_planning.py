"""What a plan's digest covers, over a real repository: all that decides about it, and nothing of others."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.planning.plan import Plan
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.services.planning import promote, update
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, WORKER, text, values
from tests.integrations.conftest import AUTHOR

PROD, DEV, BASE = (f"configs/{name}/values.json" for name in ("prod", "dev", "base"))
SCHEMA, OVERLAY = "schemas/values.schema.json", "schemas/values.schema.prod.json"
CONFIGURATION: dict[str, Any] = SEED | {
    "applications": {
        "example-app": {"schema": SCHEMA, "checks": {"health-check": {"http": "https://example.com/healthz"}}},
        "other": {"folder": "other"},
    },
    "people": {"ada": {"github": "ada"}},
    "policy": {"prod": {"approvals": {"needed": 1}}, "dev": {}},
}
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    Git(tmp_path)("init", "--bare", "-q", "config.git")
    return Repository(tmp_path / "config.git")


def start(repository: Repository) -> str:
    files = {
        "liftgate.json": text(CONFIGURATION),
        SCHEMA: text({"type": "object"}),
        OVERLAY: text({"type": "object"}),
        BASE: text(values("base", "1.4.2")),
        PROD: text(values("prod")),
        DEV: text(values("dev")),
    }
    return repository.write("", files, "Start\n", NOW, AUTHOR, None)


def plan(repository: Repository, commit: str) -> Plan:
    tree = ConfigSnapshot(repository, commit)
    return promote(tree, tree.newest_release("example-app"), "prod", NOW.date(), ())


def configured(change: Change) -> bytes:
    configuration = copy.deepcopy(CONFIGURATION)
    change(configuration)
    return text(configuration)


def of_app(**more: Any) -> Change:
    return lambda c: c["applications"]["example-app"].update(more)


def pin(**more: Any) -> dict[str, Any]:
    return {"environment": "prod", "pointer": "/application/owner", "owner": "ada", "reason": "load test"} | more


DECIDES: dict[str, dict[str, bytes | None]] = {
    "the target's values": {PROD: text(values("prod", "1.4.1", ttl=1))},
    "how the target is written": {PROD: text(values("prod")) + b"\n"},
    "the release": {BASE: text(values("base", "1.4.3"))},
    "the schema": {SCHEMA: text({"type": "object", "title": "new"})},
    "the overlay": {OVERLAY: None},
    **{
        name: {"liftgate.json": configured(change)}
        for name, change in {
            "approvals": lambda c: c["policy"]["prod"]["approvals"].update(needed=2),
            "soak": lambda c: c["policy"]["prod"].update(soak="1h"),
            "delivery": lambda c: c["policy"]["prod"].update(deliver="push"),
            "an owner rule": lambda c: c.update(rules=[{"pointer": "/application/owner", "owner": "own"}]),
            "a pin": lambda c: c.update(pins=[pin()]),
            "a pin of all applications' last day": lambda c: c.update(pins=[pin(until="2027-01-01")]),
            "Argo CD's target": of_app(argocd="another-{environment}"),
            "a check's settings": of_app(checks={"health-check": {"http": "https://mallory.example/ok"}}),
            "a check taken out": of_app(checks={}),
            "a step": lambda c: c["pipeline"]["stages"][0].update(steps=["json-lint"]),
            "the steps that verify": lambda c: c["pipeline"]["stages"].append({"name": "verify", "steps": []}),
            "another rendering": lambda c: c["policy"]["prod"].update(rendered="ask-again"),
            "a finding let stand": lambda c: c.update(allow=[{"pointer": "/application/key", "reason": "a test"}]),
            "the rollback": lambda c: c["rollback"]["validation"].update(steps=["health-check"]),
        }.items()
    },
}
OTHERS: dict[str, dict[str, bytes | None]] = {
    "another file": {"README.md": b"x"},
    "another environment's values": {DEV: text(values("dev", "1.4.0"))},
    "another application's values": {"configs/prod/other/values.json": b"{}\n"},
    "another environment's overlay": {"schemas/values.schema.dev.json": b"{}\n"},
    "the keys": {".liftgate/allowed_signers": ALLOWED_SIGNERS.encode()},
    "how liftgate.json is written": {"liftgate.json": text(CONFIGURATION) + b"\n"},
    **{
        name: {"liftgate.json": configured(change)}
        for name, change in {
            "another environment's policy": lambda c: c["policy"]["dev"].update(soak="1h"),
            "another application's checks": lambda c: c["applications"]["other"].update(checks={"health-check": {}}),
            "another environment's pin": lambda c: c.update(pins=[pin(environment="dev")]),
            "another application's pin": lambda c: c.update(pins=[pin(application="other")]),
            "a finding let stand in another environment": lambda c: c.update(
                allow=[{"pointer": "/application/key", "reason": "a test", "environment": "dev"}]
            ),
            "a colleague": lambda c: c["people"].update(grace={"github": "grace"}),
            "an alert": lambda c: c["monitoring"]["alerts"]["sync-failed"].update(threshold="2"),
        }.items()
    },
}


@pytest.mark.parametrize("name", DECIDES)
def test_what_decides_changes_the_digest(repository: Repository, name: str) -> None:
    head = start(repository)
    changed = repository.write(head, DECIDES[name], "a change\n", NOW, AUTHOR, None)
    assert plan(repository, changed).hash != plan(repository, head).hash


@pytest.mark.parametrize("name", OTHERS)
def test_what_others_change_does_not(repository: Repository, name: str) -> None:
    head = start(repository)
    changed = repository.write(head, OTHERS[name], "a change\n", NOW, AUTHOR, None)
    assert plan(repository, changed).hash == plan(repository, head).hash


def test_an_updates_digest_covers_its_edits_and_the_same(repository: Repository) -> None:
    head = start(repository)
    tree = ConfigSnapshot(repository, head)
    pointer = "/application/environment/configs/ttl"
    digests = {update(tree, "example-app", "prod", {pointer: value}).hash for value in (1, 2, True)}
    checks = repository.write(head, DECIDES["a check's settings"], "a change\n", NOW, AUTHOR, WORKER)
    digests.add(update(ConfigSnapshot(repository, checks), "example-app", "prod", {pointer: 1}).hash)
    assert len(digests) == 4


def test_the_digest_covers_what_people_read(repository: Repository) -> None:
    made = plan(repository, start(repository))
    (row,) = [each for each in made.rows if each.pointer == "/application/version"]
    changed = row.copy_with(after='"1.4.1"')
    rows = tuple(changed if each == row else each for each in made.rows)
    assert made.copy_with(rows=rows).hash != made.hash
