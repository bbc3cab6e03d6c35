"""The program in the pods: what it needs depends on its version, and it says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from liftgate_sandbox.application import run


def values(version: str, **database: str) -> dict[str, str]:
    configs: Any = {"database": database} if database else {}
    environment = {"name": "dev", "configs": configs}
    return {"values.json": json.dumps({"application": {"version": version, "environment": environment}})}


_NEEDED = "database unreachable: no setting /application/environment/configs/database/url"


@pytest.mark.parametrize("version", ["1.5.0", "1.5.1", "1.10.0", "2.0.0", "1.5.0-rc.1"])
def test_from_1_5_0_on_the_database_is_needed(version: str) -> None:
    problem, lines = run(values(version))
    assert problem == _NEEDED
    assert lines == [f"INFO starting version {version}", f"ERROR {_NEEDED}"]


@pytest.mark.parametrize("version", ["1.0.0", "1.4.9", "0.9.0"])
def test_older_versions_do_without(version: str) -> None:
    assert run(values(version)) == (
        "",
        [f"INFO starting version {version}", f"INFO ready, version {version}"],
    )


def test_with_its_database_it_is_healthy() -> None:
    assert run(values("1.5.0", url="postgres://db"))[0] == ""


def test_settings_that_cannot_be_read_are_told() -> None:
    problem, lines = run({"values.json": "{"})
    assert problem.startswith("settings cannot be read: Expecting property name")
    assert lines[-1] == f"ERROR {problem}"


def test_without_settings_it_just_runs() -> None:
    assert run({}) == ("", ["INFO starting version unknown", "INFO ready, version unknown"])
