"""The configuration repository of the demo: the files of `liftgate init` and the commits of its people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.manifests import scaffold
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.integrations.git.repository import Author
from liftgate.scaffold import templates

APPLICATION = "example-app"
ENVIRONMENTS = ("dev", "staging", "prod")
BEFORE, GOOD, BAD = "1.4.1", "1.4.2", "1.5.0"
DATABASE = {"url": "vault:shop/data/database#url"}
"""What 1.5.0 needs: dev and staging have it, prod does not."""


class ConfigurationRepository:
    """The repository at the sandbox's forge, and the commits that the demo's people push to it."""

    def __init__(self, folder: Path, url: str, tokens: Mapping[str, str]) -> None:
        self._folder, self.url, self._tokens = folder, url, tokens

    def start(self, addresses: Mapping[str, str], people: Mapping[str, Any], allowed_signers: str) -> None:
        """The first commit: 1.4.1 everywhere."""
        wanted = Scaffold(application=APPLICATION, repository=self.url, environments=ENVIRONMENTS)
        made = scaffold.files(wanted, templates()) | {ALLOWED_SIGNERS: allowed_signers}
        made["liftgate.json"] = _text(configuration(addresses, people, json.loads(made["liftgate.json"])))
        # The sandbox's application reports its own health; the probe would delay that by minutes.
        made["manifests/deployment.yaml"] = _without_probe(made["manifests/deployment.yaml"])
        for name in ("base", *ENVIRONMENTS):
            path = f"configs/{name}/values.json"
            made[path] = _text(_values(json.loads(made[path]), name))
        self.commit("ada", {path: text.encode() for path, text in made.items()}, "Configuration of example-app")

    def release(self, version: str, message: str) -> None:
        """Rosa merges a new version into the base values; nothing else changes. She is no approver."""
        mirror = self.mirror("rosa")
        path = "configs/base/values.json"
        file = mirror.file(mirror.fetch(), path)
        values = json.loads(file.data if file else b"{}")
        values["application"]["version"] = version
        self.commit("rosa", {path: _text(values).encode()}, message)

    def commit(self, login: str, files: Mapping[str, bytes | None], message: str) -> str:
        """The new commit, pushed; None removes a file."""
        mirror = self.mirror(login)
        known = mirror.git.run("ls-remote", "--heads", "origin", mirror.branch).out
        head = mirror.fetch() if known else ""
        author = Author(name=login.title(), email=f"{login}@example.com")
        sha = mirror.write(head, files, f"{message}\n", datetime.now(UTC), author, None)
        mirror.push(sha, mirror.ref, head)
        return sha

    def mirror(self, login: str) -> Mirror:
        mirror = Mirror(self._folder / login, self.url, "main", sign_in(login, self._tokens[login]))
        mirror.prepare()
        return mirror


def configuration(addresses: Mapping[str, str], people: Mapping[str, Any], seed: dict[str, Any]) -> dict[str, Any]:
    """The seed as `init` writes it, plus checks that the sandbox's application supports."""
    checks = {
        "health-check": {"http": {name: f"{addresses[name]}/healthz" for name in ENVIRONMENTS}, "within": 3},
        "integration-test": {"run": "smoke"},
    }
    seed["applications"][APPLICATION]["checks"] = checks
    policy = {"prod": {"deliver": "pull-request", "approvals": {"needed": 1, "from": ["ada", "grace"]}}}
    return seed | {"policy": policy, "people": dict(people), "operators": ["ada"]}


def _values(values: dict[str, Any], environment: str) -> dict[str, Any]:
    values["application"]["version"] = BEFORE
    if environment in ("dev", "staging"):
        values["application"]["environment"]["configs"]["database"] = DATABASE
    return values


def _without_probe(manifest: str) -> str:
    head, _, rest = manifest.partition("          readinessProbe:\n")
    return head + rest.partition("\n")[2] if rest else head


def _text(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"
