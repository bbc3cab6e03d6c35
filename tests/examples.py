"""Values that many tests begin with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liftgate.domain.commits import signature
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.planning.release import Release, ReleasedFile
from liftgate.integrations import keys

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WORKER = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
SERVER = Ed25519PrivateKey.from_private_bytes(b"g" * 32)
private_text = keys.as_text
RELEASE = Release(
    application="example-app", version="1.4.2", source="b" * 40, files=(ReleasedFile(path="x", content={"a": 1}),)
)

ALLOWED_SIGNERS = "\n".join(
    [
        signature.allowed_line("liftgate@example.com", signature.WORKER, signature.public_bytes(WORKER)),
        signature.allowed_line("server@example.com", signature.SERVER, signature.public_bytes(SERVER)),
        "",
    ]
)

SEED: dict[str, Any] = {
    "environments": {"dev": "/configs/dev", "staging": "/configs/staging", "prod": "/configs/prod"},
    "pipeline": {
        "stages": [
            {"name": "validate", "steps": ["json-lint", "schema-validation", "security-scan"]},
            {"name": "preview", "steps": ["generate-diff", "notify-reviewers"]},
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
        "steps": [
            {"action": "revert-commit", "description": "Git revert of problematic commit"},
            {"action": "sync-trigger", "description": "Trigger ArgoCD sync"},
            {"action": "verification", "description": "Verify system state"},
        ],
        "validation": {"required": True, "steps": ["config-validation", "health-check", "integration-test"]},
    },
}
"""The four blocks of the seed, as people paste them."""


def values(environment: str, version: str = "1.4.1", **configs: Any) -> dict[str, Any]:
    """A values file of `example-app`."""
    here = {} if environment == "base" else {"environment": {"name": environment, "configs": configs}}
    return {"application": {"name": "example-app", "version": version, "features": {"search": True}} | here}


def text(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def entry(**changes: Any) -> Entry:
    """A promotion of 1.4.2 to staging that went well."""
    plain: dict[str, Any] = {
        "promotion": "11111111-1111-4111-8111-111111111111",
        "kind": "promote",
        "application": "example-app",
        "environment": "staging",
        "release": "sha256:" + "a" * 64,
        "version": "1.4.2",
        "source": "b" * 40,
        "plan": "sha256:" + "c" * 64,
        "revision": "d" * 40,
        "outcome": "promoted",
        "reason": "synced in 2.0 s",
        "requested_by": "ada",
        "proof": "server",
        "times": Times(requested=NOW, committed=NOW, synced=NOW, verified=NOW, finished=NOW),
    }
    return Entry.model_validate(plain | changes)
