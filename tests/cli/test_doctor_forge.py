"""What the doctor says of the forge and of the right to push, by the sandbox's forge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from liftgate_sandbox.forge import Protection

from tests.cli.conftest import Said
from tests.examples import SEED, text
from tests.integrations.conftest import Hosted, hosted

__all__ = ["hosted"]
Doctor = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def doctor(hosted: Hosted, tmp_path: Path, liftgate: Callable[..., Said]) -> Doctor:
    """State and reason of each check, by its name."""

    def call(**changes: str) -> dict[str, tuple[str, str]]:
        variables = {
            "LIFTGATE_STATE": str(tmp_path / "state"),
            "LIFTGATE_REPOSITORY__URL": f"{hosted.url}/shop/config.git",
            "LIFTGATE_REPOSITORY__TOKEN": hosted.tokens["liftgate-bot"],
            "LIFTGATE_FORGE__KIND": "github",
        }
        checks = liftgate("doctor", "--json", **variables | changes).data["checks"]
        return {each["check"]: (each["state"], each["reason"]) for each in checks}

    return call


def test_every_part_of_a_good_forge_has_a_line(hosted: Hosted, doctor: Doctor) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1, may_push=("liftgate-bot",)))
    found = doctor()
    names = ("push", "forge: token", "forge: repository", "forge: push", "forge: merge")
    assert {name: found[name][0] for name in names} == dict.fromkeys(names, "passed")
    assert found["forge: protection"][0] == "not configured"
    hosted.forge.allow_merges("shop/config", "squash")
    assert doctor()["forge: merge"][0] == "failed"


def test_how_it_merges_does_not_matter_where_all_is_pushed(hosted: Hosted, doctor: Doctor) -> None:
    policy = {name: {"deliver": "push"} for name in SEED["environments"]}
    hosted.commit({"liftgate.json": text(SEED | {"policy": policy})})
    hosted.forge.allow_merges("shop/config", "squash")
    assert "forge: merge" not in doctor()


def test_a_sign_in_that_may_only_read_is_found_by_git_itself(hosted: Hosted, doctor: Doctor) -> None:
    hosted.forge.add_user("ada", hosted.tokens["ada"], permission="read")
    found = doctor(LIFTGATE_REPOSITORY__TOKEN=hosted.tokens["ada"])
    assert (found["repository"][0], found["push"][0]) == ("passed", "failed")


def test_a_plain_remote_needs_no_forge(doctor: Doctor) -> None:
    assert doctor(LIFTGATE_FORGE__KIND="git")["forge"] == ("not configured", "a plain remote without pull requests")
