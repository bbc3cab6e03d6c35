"""What the steps of the pipeline say of a promotion, and what they refuse: with every finding, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liftgate.errors import Refused
from liftgate.services import outcomes
from liftgate.services.notes import Notes
from liftgate.services.outcomes import Result
from tests.domain.sops_files import OURS, block, enc
from tests.examples import SEED, text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import walk

RULES = [{"age": OURS, "encrypted_regex": "(?i)password|token", "mac_only_encrypted": True}]
SECRET = "hunter2-Secret-9000"


def encrypted(environment: str, version: str, **secrets: str) -> bytes:
    made: dict[str, Any] = values(environment, version)
    return text(made | {"application": made["application"] | secrets, "sops": block()})


def commit(world: World, dev: bytes) -> None:
    """The base has a secret of its own."""
    world.lab.commit(
        {
            ".sops.yaml": json.dumps({"creation_rules": RULES}).encode(),
            "configs/base/values.json": encrypted("base", "1.4.2", token=enc("BASE")),
            "configs/dev/values.json": dev,
        }
    )


def everything_shown(world: World, run: str) -> str:
    """To people, wherever they look."""
    channel = [message.text for message in world.lab.town.slack.store.state.messages]
    return str([world.at.runs.inputs(run), channel, world.lab.entries("dev")])


def test_a_secret_dev_lacks_blocks_it_with_the_command_and_dev_with_its_own_is_promoted(deployed: World) -> None:
    commit(deployed, encrypted("dev", "1.4.1"))
    run = walk(deployed, to="dev")
    change = run.begin()
    assert run.validated(change).passed
    command = """sops set --value-stdin configs/dev/values.json '["application"]["token"]'"""
    with pytest.raises(Refused) as error:
        run.plan(change)
    assert str(error.value).endswith(command)
    commit(deployed, encrypted("dev", "1.4.1", token=enc("DEV")))
    assert walk(deployed, to="dev").to_end().outcome == "promoted"
    application = deployed.lab.json("dev")["application"]
    assert (application["version"], application["token"]) == ("1.4.2", enc("DEV"))


def test_ciphertext_that_was_copied_from_another_environment_is_refused(deployed: World) -> None:
    commit(deployed, encrypted("dev", "1.4.1", token=enc("BASE")))
    run = walk(deployed, to="dev")
    change = run.begin()
    said = run.validated(change)
    assert said.failed
    assert run.end(change, Result(outcome="refused", reason=said.in_full)).outcome == "refused"
    assert deployed.lab.version("dev") == "1.4.1"
    assert "is not encrypted as it must be in 1 place" in said.reason
    assert any("secret is never copied" in str(finding) for finding in said.findings)


def test_a_secret_in_plain_text_is_refused_and_not_shown(deployed: World, capsys: pytest.CaptureFixture[str]) -> None:
    changes = {"/application/environment/configs/password": SECRET}
    run = walk(deployed, "update", environment="dev", changes=changes)
    change = run.begin()
    said = run.validated(change)
    with pytest.raises(Refused) as error:
        run.plan(change)
    outcomes.turn_away(deployed.at, run.run, "update", "example-app", "dev", error.value)
    assert "hunter2" not in str(error.value) + str(said) + everything_shown(deployed, run.run)
    assert "hunter2" not in capsys.readouterr().out
    assert deployed.lab.version("dev") == "1.4.1"


def test_values_that_break_a_rule_are_refused_with_every_finding(deployed: World) -> None:
    broken = values("base", "not-a-version") | {"password": SECRET}
    broken["application"]["password"] = SECRET
    deployed.lab.commit({"configs/base/values.json": text(broken)})
    run = walk(deployed, to="dev")
    change = run.begin()
    said = run.validated(change)
    assert said.failed
    assert "version" in said.in_full
    found = " ".join(map(str, said.findings))
    assert all(f"{pointer} " in found for pointer in ("/application/version", "/application/password")), found
    ended = run.end(change, Result(outcome="refused", reason=said.in_full))
    assert ended.outcome == "refused"
    assert "hunter2" not in str(said) + str(ended) + everything_shown(deployed, run.run)
    assert deployed.lab.version("dev") == "1.4.1"


def test_a_step_taken_out_of_the_seed_is_not_run(deployed: World) -> None:
    stages = [{"name": "validate", "steps": ["json-lint"]}, {"name": "preview", "steps": ["generate-diff"]}]
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, pipeline={"stages": stages}))})
    run = walk(deployed, to="dev")
    assert run.to_end().outcome == "promoted"
    ran = {check.step for check in Notes(deployed.at.runs, run.run).checks()}
    assert {"json-lint", "generate-diff"} <= ran
    assert not {"schema-validation", "security-scan", "notify-reviewers"} & ran


def test_the_seed_alone_runs_a_promotion(deployed: World) -> None:
    """The four blocks as people paste them, and nothing else; what nobody configured says so."""
    deployed.lab.commit({"liftgate.json": text(SEED)})
    run = walk(deployed, to="dev")
    change, plan, decision = run.to_gate()
    assert decision.opens
    change = run.commit(change, plan, decision)
    result = run.deploy(change)
    said = run.verified(change)
    assert {name: each.state for name, each in said.items()} == {
        "health-check": "not configured",
        "integration-test": "not configured",
    }
    assert run.end(change, result).outcome == "promoted"
