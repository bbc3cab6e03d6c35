"""The files of a new configuration repository, as text by path."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pydantic import Field

from liftgate.domain.common.value import Json, Value
from liftgate.domain.manifests import files as manifests_files
from liftgate.domain.manifests import manifests
from liftgate.domain.manifests import text as manifests_text
from liftgate.domain.manifests.place import Place, Target
from liftgate.errors import Refused

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")
"""A part of names in Kubernetes (RFC 1123 label), with room for suffixes."""
EDITOR_SCHEMA = ".liftgate/liftgate.schema.json"
"""The JSON Schema of `liftgate.json`, for editors."""
SCHEMA = "schemas/values.schema.json"
_VERSION = "1.0.0"
_UNASKED = ("served-config", "backup-check")
"""Verification that needs no settings: the live ConfigMap, and the copy of the last verified values."""


class Scaffold(Value):
    application: str
    repository: str
    """The address that Argo CD clones; empty if not known yet: then there are no manifests for Argo CD."""
    environments: tuple[str, ...]
    """In the order of promotion."""
    branch: str = "main"
    """The branch that Argo CD follows."""
    people: dict[str, str] = Field(default_factory=dict)
    """Who may approve, with their e-mail addresses (empty if not known)."""
    alone: bool = False
    """Whether the only person may approve what they wrote or requested."""

    def check(self) -> None:
        """Raises Refused for names that Kubernetes does not accept."""
        for name in (self.application, *self.environments):
            if not NAME.fullmatch(name):
                raise Refused(f'"{name}" is no name for Kubernetes: lower-case letters, digits and dashes, up to 42')
        if "base" in self.environments or len(set(self.environments)) < len(self.environments):
            raise Refused("environments need different names, and base is reserved for the common values")
        if self.alone and len(self.people) != 1:
            raise Refused("--alone is for a team of one person; otherwise another person approves")

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(
            Place(
                application=self.application,
                environment=name,
                pattern="{application}-{environment}",
                root=f"configs/{name}",
                files=(f"configs/{name}/values.json",),
            )
            for name in self.environments
        )


def files(wanted: Scaffold, templates: Mapping[str, str]) -> dict[str, str]:
    """`templates` are those of liftgate/scaffold by file name."""
    last, places = wanted.environments[-1], wanted.places
    found = {
        "liftgate.json": _json(configuration(wanted)),
        "configs/base/values.json": _json({"application": _application(wanted)}),
        SCHEMA: _json(schema()),
        SCHEMA.replace(".json", f".{last}.json"): _json(overlay()),
    }
    found |= {f"configs/{name}/values.json": _json(values(wanted, name)) for name in wanted.environments}
    found |= manifests_files.missing(places, found, templates)
    if not wanted.repository:
        return found
    target = Target(repository=wanted.repository, project=wanted.application, branch=wanted.branch)
    argocd = manifests.manifests(places, target, "applications")
    return found | {path: manifests_text.write_manifests(document) for path, document in argocd.items()}


def configuration(wanted: Scaffold) -> Json:
    steps = {
        "revert-commit": "Git revert of problematic commit",
        "sync-trigger": "Trigger ArgoCD sync",
        "verification": "Verify system state",
    }
    return {
        "$schema": EDITOR_SCHEMA,
        "environments": {name: f"/configs/{name}" for name in wanted.environments},
        "pipeline": {
            "stages": [
                {"name": "validate", "steps": ["json-lint", "schema-validation", "security-scan"]},
                {"name": "preview", "steps": ["generate-diff", "notify-reviewers"]},
                {"name": "verify", "steps": ["health-check", "integration-test", *_UNASKED]},
            ]
        },
        "monitoring": {
            "metrics": ["sync-status", "drift-detection", "apply-duration", "error-rate"],
            "alerts": {
                "sync-failed": {"threshold": "1", "window": "5m"},
                "drift-detected": {"threshold": "any", "window": "1m"},
            },
        },
        "rollback": {
            "steps": [{"action": action, "description": text} for action, text in steps.items()],
            "validation": {"required": True, "steps": ["config-validation", "health-check", "integration-test"]},
        },
        "applications": {wanted.application: {"schema": SCHEMA}},
        "rules": [
            {"pointer": "/application/**", "owner": "promote"},
            {"pointer": "/application/environment/**", "owner": "own"},
        ],
    } | _people(wanted)


def _people(wanted: Scaffold) -> dict[str, Json]:
    known = {name: {"email": email} if email else {} for name, email in wanted.people.items()}
    rule = {"needed": 1, "from": list(known), "author": "allowed"}
    alone = {"policy": {wanted.environments[-1]: {"approvals": rule}}} if wanted.alone else {}
    return alone | ({"people": known} if known else {})


def values(wanted: Scaffold, environment: str) -> Json:
    own = {"name": environment, "configs": {"logLevel": "info" if environment == wanted.environments[-1] else "debug"}}
    return {"application": _application(wanted) | {"environment": own}}


def _application(wanted: Scaffold) -> dict[str, Json]:
    return {"name": wanted.application, "version": _VERSION, "replicas": 1, "features": {"search": True}}


def schema() -> Json:
    """The built-in schema, and the example's own values."""
    environment = {
        "type": "object",
        "required": ["name", "configs"],
        "properties": {
            "name": {"type": "string"},
            "configs": {
                "type": "object",
                "properties": {"logLevel": {"enum": ["debug", "info", "warning", "error"]}},
            },
        },
    }
    application = {
        "type": "object",
        "required": ["name", "version", "environment"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "version": {
                "description": "a semantic version such as 1.4.2",
                "type": "string",
                "pattern": r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\Z",
            },
            "replicas": {"type": "integer", "minimum": 1, "maximum": 50},
            "features": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "environment": environment,
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Environment values",
        "type": "object",
        "required": ["application"],
        "properties": {"application": application},
    }


def overlay() -> Json:
    """An extra rule of the last environment: it does not log at debug level."""
    place: Json = {"not": {"const": "debug"}}
    for key in ("logLevel", "configs", "environment", "application"):
        place = {"properties": {key: place}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **place}


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
