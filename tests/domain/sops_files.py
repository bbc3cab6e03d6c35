"""Files as sops writes them, as far as somebody without a key sees them, for tests of the keyless gate."""

from __future__ import annotations

import json
from typing import Any

from liftgate.domain.common.verdict import Finding
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.secrets.sops import Sops, sops_gate
from liftgate.domain.secrets.sops_config import read_sops_config

PATH = "configs/prod/values.json"
OURS, THEIRS = "age1ours", "age1theirs"
RULE: dict[str, Any] = {
    "path_regex": r"^configs/prod/[^/]+\.json$",
    "age": OURS,
    "encrypted_regex": "(?i)password|token",
    "mac_only_encrypted": True,
}


def enc(data: str = "AAAA") -> str:
    return f"ENC[AES256_GCM,data:{data},iv:AAAA,tag:AAAA,type:str]"


def block(**changes: Any) -> dict[str, Any]:
    """Metadata as the rule says; None removes a member."""
    plain = {
        "age": [{"recipient": OURS, "enc": "-----BEGIN AGE ENCRYPTED FILE-----\n"}],
        "lastmodified": "2026-11-24T12:00:00Z",
        "mac": enc("MAC"),
        "encrypted_regex": RULE["encrypted_regex"],
        "mac_only_encrypted": True,
        "version": "3.11.0",
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


def values(**changes: Any) -> dict[str, Any]:
    plain = {"application": {"name": "shop", "version": "1.0.0", "password": enc()}, "sops": block()}
    return {name: value for name, value in (plain | changes).items() if value is not None}


def findings(value: Any, *rules: dict[str, Any], path: str = PATH, **others: bytes) -> list[Finding]:
    config = read_sops_config({"creation_rules": list(rules or (RULE,))})
    document = read_json(json.dumps(value, indent=2).encode(), name=path)
    assert not document.violations
    return sops_gate(document, path, Sops(config=config, others=tuple(others.items())))


def rules_of(found: list[Finding]) -> list[str]:
    return [finding.rule for finding in found]
