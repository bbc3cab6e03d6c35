"""The form of a flow can be read and replaced: on a real Prefect server, and on the twin in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liftgate.errors import Misconfigured, Refused
from tests.integrations.runs.test_contract import SCHEMA, Scene, engine, scene

__all__ = ["engine", "scene"]


def test_a_flow_takes_what_fits_its_form_of_now(scene: Scene) -> None:
    assert scene.runs.form("promote") == SCHEMA
    with pytest.raises(Refused, match="canary"):
        scene.runs.create("promote", {"to": "canary"})
    wider = SCHEMA | {"properties": {"to": {"type": "string", "enum": ["dev", "canary"]}}}
    scene.runs.set_form("promote", wider)
    assert scene.runs.form("promote") == wider
    assert scene.runs.create("promote", {"to": "canary"}).parameters == {"to": "canary"}
    with pytest.raises(Refused, match="prod"):
        scene.runs.create("promote", {"to": "prod"})


def test_a_flow_that_is_not_registered_has_no_form(scene: Scene) -> None:
    for call in (lambda: scene.runs.form("nothing"), lambda: scene.runs.set_form("nothing", SCHEMA)):
        with pytest.raises(Misconfigured, match="liftgate deploy"):
            call()


def test_the_form_of_another_installation_stays(scene: Scene) -> None:
    other = replace(scene, name=f"{scene.name}-other")
    scene.engine.deploy(other.name, "promote", SCHEMA)
    other.runs.set_form("promote", SCHEMA | {"required": []})
    assert scene.runs.form("promote") == SCHEMA
