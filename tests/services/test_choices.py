"""Prefect's forms offer an application from the moment it is on the branch, without a command."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from liftgate.domain.common.value import Json
from liftgate.services.choices import AGAIN, FLOWS, Choices
from liftgate.services.recovery import Recovery
from tests.examples import text, values
from tests.lab import configured
from tests.server.world import World

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "application": {"type": "string", "enum": ["example-app"]},
        "to": {"type": "string", "enum": ["dev"]},
        "reason": {"type": "string"},
    },
}


@pytest.fixture(autouse=True)
def forms(world: World) -> None:
    for flow in FLOWS:
        world.engine.deploy(world.at.runs.name, flow, FORM)


def add_billing(world: World) -> None:
    billing = values("dev", "1.0.0")
    billing["application"]["name"] = "billing"
    configuration = configured(world.lab)
    configuration["applications"]["billing"] = {}
    world.lab.commit({"configs/dev/billing/values.json": text(billing), "liftgate.json": text(configuration)})


def choices(world: World, flow: str = "promote") -> Json:
    properties = world.at.runs.form(flow)["properties"]
    return properties["application"]["enum"], properties["to"]["enum"], properties["reason"]


def test_a_new_application_is_offered_after_the_next_fetch(world: World) -> None:
    Recovery(world.at).once()
    assert choices(world)[0] == ["example-app"]
    add_billing(world)
    world.at.git.fetch()
    Recovery(world.at).once()
    for flow in FLOWS:
        assert choices(world, flow) == (["example-app", "billing"], ["dev", "staging", "prod"], {"type": "string"})


def test_prefect_is_asked_again_only_when_the_names_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, usual = list[str](), world.at.runs.form

    def form(flow: str) -> Json:
        asked.append(flow)
        return usual(flow)

    monkeypatch.setattr(world.at.runs, "form", form)
    world.at.git.fetch()
    offers = Choices(world.at)
    offers.look()
    assert set(asked) == set(FLOWS)
    asked.clear()
    world.lab.commit({"README.md": b"hello"})
    world.at.git.fetch()
    offers.look()
    assert asked == []
    add_billing(world)
    world.at.git.fetch()
    offers.look()
    assert set(asked) == set(FLOWS)


def test_a_flow_that_is_not_registered_is_told_once_and_tried_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    forms = world.engine.forms  # type: ignore[attr-defined]
    key = (world.at.runs.name, "update")
    form = forms.pop(key)
    world.at.git.fetch()
    offers = Choices(world.at)
    with caplog.at_level(logging.WARNING):
        offers.look()
        offers.look()
    own = [each for each in caplog.records if each.name == Choices.__module__]  # other threads may log too
    assert [each.getMessage().partition(":")[0] for each in own] == ["Prefect's forms may lack applications"]
    forms[key] = form
    offers.look()
    assert choices(world, "update")[1] == ["dev", "staging", "prod"]


def test_a_flow_that_is_not_registered_stops_no_other_form(world: World) -> None:
    world.engine.forms.pop((world.at.runs.name, "promote"))  # type: ignore[attr-defined]
    world.at.git.fetch()
    Choices(world.at).look()
    for flow in ("update", "rollback"):
        assert choices(world, flow)[1] == ["dev", "staging", "prod"]


def test_a_form_that_was_made_older_meanwhile_is_mended_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by `liftgate deploy` from a clone that has not fetched for long."""
    world.at.git.fetch()
    offers = Choices(world.at)
    offers.look()
    world.engine.deploy(world.at.runs.name, "promote", FORM)
    offers.look()
    assert choices(world)[1] == ["dev"]
    now = world.at.clock.monotonic()
    monkeypatch.setattr(world.at.clock, "monotonic", lambda: now + AGAIN)
    offers.look()
    assert choices(world)[1] == ["dev", "staging", "prod"]


def test_a_file_that_tells_no_name_keeps_no_other_application_from_the_forms(world: World) -> None:
    configuration = configured(world.lab)
    del configuration["applications"]
    files = {"liftgate.json": text(configuration)}
    for name in ("billing", "lost"):
        named = values("dev", "1.0.0")
        named["application"]["name"] = name
        files[f"configs/dev/{name}/values.json"] = text(named)
    world.lab.commit(files)
    world.at.git.fetch()
    offers = Choices(world.at)
    offers.look()
    assert set(choices(world)[0]) == {"example-app", "billing", "lost"}
    late = values("dev", "1.0.0")
    late["application"]["name"] = "late"
    world.lab.commit({"configs/dev/lost/values.json": b"{", "configs/dev/late/values.json": text(late)})
    world.at.git.fetch()
    offers.look()
    assert set(choices(world)[0]) == {"example-app", "billing", "lost", "late"}


@pytest.mark.parametrize("form", [{"properties": None}, {"properties": {"application": True, "to": []}}, {"type": 1}])
def test_a_form_that_has_no_fields_stays_as_it_is(world: World, form: dict[str, Any]) -> None:
    world.engine.deploy(world.at.runs.name, "promote", form)
    world.at.git.fetch()
    Choices(world.at).look()
    assert world.at.runs.form("promote") == form
    assert choices(world, "update")[1] == ["dev", "staging", "prod"]
