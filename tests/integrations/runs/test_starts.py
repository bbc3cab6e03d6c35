"""A run that is started for a person: it begins when they want, and not at all without its proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from liftgate.domain.promotion.recovery_rules import HELD, NOT_STARTED
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.run import Run
from tests.integrations.runs.engines import Engine
from tests.integrations.runs.test_contract import Scene, engine, scene

__all__ = ["engine", "scene"]


def test_what_gives_the_inputs_sees_the_run_as_it_is_stored(scene: Scene) -> None:
    seen: list[Run] = []

    def inputs(run: Run) -> dict[str, str]:
        seen.append(run)
        return {}

    run = scene.start(name="by hand", inputs=inputs)
    assert [(each.id, each.name, each.parameters) for each in seen] == [(run.id, "by hand", {"to": "dev"})]


def test_a_run_whose_inputs_are_refused_never_begins(scene: Scene) -> None:
    seen: list[str] = []

    def inputs(run: Run) -> dict[str, str]:
        seen.append(run.id)
        raise Refused("not these parameters")

    with pytest.raises(Refused, match="not these parameters"):
        scene.start(inputs=inputs)
    (run,) = [scene.runs.read(each) for each in seen]
    assert run is not None
    assert run.state == "CANCELLED"


@pytest.mark.parametrize("was_given_up", [True, False])
def test_who_makes_a_run_again_that_got_no_inputs_goes_on_with_it(scene: Scene, *, was_given_up: bool) -> None:
    """The signer did not answer, or the process that made the run died."""

    def fails(_: Run) -> dict[str, str]:
        raise Unavailable("the signer does not answer")

    with pytest.raises(Unavailable):
        scene.start(inputs=fails, idempotency_key="1-dev")
    (held,) = scene.runs.find(flows=("promote",)).runs
    assert (held.state, held.state_name) == ("CANCELLED", NOT_STARTED)
    if not was_given_up:
        assert scene.runs.set_state(held.id, "PAUSED", HELD, "")
    run = scene.start(inputs=lambda _: {"request": "rosa"}, idempotency_key="1-dev")
    assert run.id == held.id
    assert scene.read(run).state == "SCHEDULED"
    assert scene.runs.inputs(run.id)["request"] == "rosa"
    begun = scene.start(inputs=lambda _: {"more": "x"}, idempotency_key="1-dev")
    assert "more" not in scene.runs.inputs(begun.id)


def test_a_run_whose_inputs_were_refused_never_begins_either_when_it_is_made_again(scene: Scene) -> None:
    def refuses(_: Run) -> dict[str, str]:
        raise Refused("not these parameters")

    with pytest.raises(Refused):
        scene.start(inputs=refuses, idempotency_key="1-dev")
    assert scene.start(inputs=lambda _: {"request": "rosa"}, idempotency_key="1-dev").state == "CANCELLED"


@pytest.mark.parametrize("with_inputs", [True, False])
def test_a_run_can_be_started_for_later(scene: Scene, *, with_inputs: bool) -> None:
    begin = datetime.now(UTC) + timedelta(days=3)
    run = scene.start(begin=begin, inputs=(lambda _: {"request": "rosa"}) if with_inputs else None)
    assert run.begin == begin
    assert scene.read(run).begin == begin
    assert scene.read(run).state == "SCHEDULED"


def test_a_deployment_is_known_by_its_installation_only(scene: Scene, engine: Engine) -> None:
    run, other = scene.start(), Scene(engine, f"other{uuid4().hex[:8]}")
    engine.deploy(other.name, "promote")
    assert scene.runs.flow_of(run.deployment) == "promote"
    assert other.runs.flow_of(run.deployment) == ""
    assert scene.runs.flow_of(str(uuid4())) == ""
    assert scene.runs.flow_of("no-deployment") == ""
    assert SystemClock().now() >= run.created
