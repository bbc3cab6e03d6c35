"""A scheduled run has no requester, and is the schedule's only where the configuration schedules exactly that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sandbox_tests.plain import eventually

from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.promotion.nightly import SCHEDULED, NightRequest, is_as_scheduled
from liftgate.integrations.clock import SystemClock
from liftgate.services import nightly, requests
from liftgate.services.record_vote import record_vote
from tests.server.world import World

BY_SCHEDULE = Requester(name="schedule", proof="schedule")
SHORT = NightRequest(minutes=0)


def requester(world: World, run: str) -> Requester:
    return requests.who_asked(world.at, world.at.tree(world.at.git.fetch()), world.read(run))


def scheduled(world: World, flow: str, parameters: dict[str, Any]) -> str:
    """As Prefect's scheduler makes it, or as a lying Prefect says that it did."""
    run = world.at.runs.create(flow, parameters).id
    world.engine.patch(run, scheduled=True)
    return run


@pytest.mark.parametrize("parameters", [{}, {"limit": 20}, SCHEDULED.model_dump()])
def test_the_nightly_flow_with_its_defaults_is_the_schedules(world: World, parameters: dict[str, Any]) -> None:
    assert requester(world, scheduled(world, "nightly", parameters)) == BY_SCHEDULE


@pytest.mark.parametrize(
    ("flow", "parameters"),
    [
        ("nightly", {"limit": 1}),
        ("nightly", {"limit": True}),
        ("nightly", {"reason": "as ada likes it"}),
        ("nightly", {"requested_by": "rosa"}),
        ("promote", {"application": "example-app", "to": "prod", "release": "1.4.2"}),
        ("update", {"application": "example-app", "environment": "prod", "changes": {"/a": 1}}),
        ("rollback", {"application": "example-app", "environment": "prod"}),
    ],
)
def test_any_other_scheduled_run_is_unproven(world: World, flow: str, parameters: dict[str, Any]) -> None:
    run = scheduled(world, flow, parameters)
    assert not requester(world, run).proven


def test_a_schedule_made_in_prefects_pages_is_no_way_to_approve_ones_own_change(world: World) -> None:
    """ada makes a schedule that promotes to prod, and approves what it starts: today that was enough."""
    run, plan = world.waiting(requested_by="")
    world.engine.patch(run, scheduled=True)
    shown = world.shown(run, plan)
    answer = record_vote(
        world.at, promotion_id=run, plan=plan, shown=shown, person="ada", decision="approve", through="api"
    )
    assert (answer.accepted, world.resumes(run)) == (True, 0)
    assert "1 more, because Liftgate cannot prove who requested this" in answer.sentence


@pytest.mark.parametrize(("asked", "proven"), [(SCHEDULED, True), (NightRequest(reason="as ada likes it"), False)])
def test_the_nights_promotions_are_the_schedules_where_the_night_is(
    world: World, asked: NightRequest, proven: bool
) -> None:
    """The night itself believes what it was given, not what Prefect shows: here always a run with the defaults."""
    run = scheduled(world, "nightly", {})
    night = nightly.Night(world.at, nightly.origin_of_night(world.at, world.at.latest, run, asked), "dev", asked.reason)
    night.start("example-app")
    (found,) = world.at.runs.find(flows=("promote",)).runs
    origin = requests.origin_of(world.at, world.at.latest, found)
    assert origin == Origin(requester=BY_SCHEDULE if proven else Requester(name=""), before=run)


ANY = {
    "reason": some.sampled_from([SCHEDULED.reason, "", "other"]),
    "limit": some.sampled_from([20, 20.0, "20", 19, None]),
    "minutes": some.sampled_from([60, 60.0, True, 61]),
    "other": some.none(),
}


@given(some.fixed_dictionaries({}, optional=ANY))
def test_only_the_defaults_are_scheduled(parameters: dict[str, Any]) -> None:
    kinds = {"reason": str, "limit": int, "minutes": (int, float)}
    expected = all(
        name in kinds and type(value) is not bool and isinstance(value, kinds[name])  # type: ignore[arg-type]
        and value == getattr(SCHEDULED, name)
        for name, value in parameters.items()
    )  # fmt: skip
    assert is_as_scheduled("nightly", parameters) == expected


@pytest.mark.prefect
def test_prefects_own_scheduler_makes_runs_that_are_told_apart(real_world: World) -> None:
    """A second schedule, made as in Prefect's pages, has parameters of its own."""
    prefect, name = real_world.lab.prefect, real_world.name
    soon = (SystemClock().now() + timedelta(hours=1)).strftime("%M %H * * *")
    found = prefect.call("GET", f"/deployments/name/nightly/{name}-nightly")["id"]
    wanted = [{"schedule": {"cron": soon, "timezone": "UTC"}, "active": True}]
    own = wanted[0] | {"parameters": {"reason": "as ada likes it"}, "slug": "ada"}
    prefect.call("POST", f"/deployments/{found}/schedules", [*wanted, own])

    def made() -> list[str]:
        return [run.id for run in real_world.at.runs.find(flows=("nightly",), states=("SCHEDULED",)).runs]

    assert eventually(lambda: len({bool(real_world.read(run).parameters) for run in made()}) == 2, within=60)
    for run in made():
        assert real_world.read(run).scheduled
        assert (requester(real_world, run) == BY_SCHEDULE) == (not real_world.read(run).parameters)
