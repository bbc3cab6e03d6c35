"""Secrets in a promotion: never copied, and the plain values around them promoted without a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.domain.sops_files import OURS, block, enc
from tests.examples import text, values
from tests.lab import Lab

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("lab")]

RULES = [{"age": OURS, "encrypted_regex": "(?i)password|token", "mac_only_encrypted": True}]


def encrypted(environment: str, version: str, **secrets: str) -> bytes:
    made: dict[str, Any] = values(environment, version)
    return text(made | {"application": made["application"] | secrets, "sops": block()})


def test_a_secret_dev_lacks_blocks_it_with_the_command_and_dev_with_its_own_is_promoted(lab: Lab) -> None:
    lab.commit(
        {
            ".sops.yaml": json.dumps({"creation_rules": RULES}).encode(),
            "configs/base/values.json": encrypted("base", "1.4.2", token=enc("BASE")),
            "configs/dev/values.json": encrypted("dev", "1.4.1"),
        }
    )
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    command = """sops set --value-stdin configs/dev/values.json '["application"]["token"]'"""
    assert state["name"] == "Refused"
    assert state["message"].endswith(command)
    lab.commit({"configs/dev/values.json": encrypted("dev", "1.4.1", token=enc("DEV"))})
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"
    application = lab.json("dev")["application"]
    assert (application["version"], application["token"]) == ("1.4.2", enc("DEV"))


def test_ciphertext_that_was_copied_from_another_environment_is_refused(lab: Lab) -> None:
    lab.commit(
        {
            ".sops.yaml": json.dumps({"creation_rules": RULES}).encode(),
            "configs/base/values.json": encrypted("base", "1.4.2", token=enc("BASE")),
            "configs/dev/values.json": encrypted("dev", "1.4.1", token=enc("BASE")),
        }
    )
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert (state["name"], lab.version("dev")) == ("Refused", "1.4.1")
    assert "is not encrypted as it must be in 1 place" in state["message"]
    assert any("secret is never copied" in line for line in lab.logs(run))
