"""Prefect never says who requested a run: parameters that others changed, keys that others guessed, other defaults."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.approval.request import CHAINED_KEY, REQUEST_KEY
from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.promotion.attempt import Promotion
from liftgate.domain.promotion.nightly import NightRequest
from liftgate.domain.promotion.run_request import as_stored
from liftgate.errors import Refused
from liftgate.integrations.runs.run import Run
from liftgate.services import begin, nightly, requests, rollbacks
from liftgate.services.record_vote import record_vote
from liftgate.services.requests import start_for_person
from tests.examples import entry
from tests.server.world import World
from tests.services.walk import walk

ROSA = Requester(name="rosa", proof="server")
TTL = "/application/environment/configs/cache/ttl"
GIVEN: dict[str, dict[str, Any]] = {
    "promote": {"to": "dev", "release": "1.4.2"},
    "update": {"environment": "dev", "changes": {TTL: 600}},
    "rollback": {"environment": "dev"},
}
PROD = {"application": "example-app", "to": "prod", "release": "1.4.2"}


def origin(world: World, run: str) -> Origin:
    return requests.origin_of(world.at, world.at.tree(world.at.git.fetch()), world.read(run))


def started(world: World, person: str = "rosa", **parameters: Any) -> Run:
    return start_for_person(world.at, person, "promote", PROD | parameters)


def promoted(world: World, run: str, requester: Requester = ROSA) -> Promotion:
    """dev's promotion, verified: the next environment follows."""
    tree = world.at.tree(world.at.git.fetch())
    release = tree.newest_release("example-app")
    return Promotion(
        id=run, release=release, application="example-app", environment="dev", argocd=(("a",),),
        paths=("configs/dev/values.json",), head=tree.commit, requester=requester, requested_at=world.read(run).created,
        entry=entry(
            promotion=run, environment="dev", release=release.id, source=release.source,
            requested_by=requester.name, proof=requester.proof,
        ),
    )  # fmt: skip


def following(world: World, run: str) -> Run:
    """The run that this one started for staging."""
    found = [each for each in world.at.runs.find(flows=("promote",)).runs if each.idempotency_key == f"{run}-staging"]
    assert len(found) == 1
    return found[0]


def test_changed_parameters_lose_the_proof_so_no_person_approves_their_own_change_as_another_ones(
    world: World,
) -> None:
    """rosa's run, and ada gives it another release in Prefect: ada alone cannot approve it."""
    run, plan = world.waiting()
    world.engine.patch(run, parameters=PROD | {"reason": "ada's"})
    assert origin(world, run).requester == Requester(name="")
    shown = world.shown(run, plan)
    answer = record_vote(
        world.at, promotion_id=run, plan=plan, shown=shown, person="ada", decision="approve", through="api"
    )
    assert (answer.accepted, world.resumes(run)) == (True, 0), answer.sentence
    assert "1 more, because Liftgate cannot prove who requested this" in answer.sentence


@pytest.mark.prefect
def test_the_same_on_a_real_prefect_server(real_world: World) -> None:
    """Also: parameters given the deployment in Prefect are not the person's, whatever the person asked for."""
    run = started(real_world).id
    assert origin(real_world, run) == Origin(requester=ROSA)
    for changed in (PROD | {"to": "staging"}, PROD | {"release": ""}, PROD):
        real_world.engine.patch(run, parameters=changed)
        assert (origin(real_world, run).requester == ROSA) == (changed == PROD)
    deployment = real_world.read(run).deployment
    real_world.lab.prefect.call("PATCH", f"/deployments/{deployment}", {"parameters": {"reason": "as ada likes it"}})
    with pytest.raises(Refused, match="Prefect stored other parameters"):
        started(real_world)
    (newest, *_) = real_world.at.runs.find(flows=("promote",), states=("CANCELLED",)).runs
    assert real_world.at.runs.inputs(newest.id) == {}


def test_a_proof_copied_to_another_run_proves_nothing(world: World) -> None:
    run, other = started(world).id, world.run()
    world.at.runs.add_input(other, REQUEST_KEY, world.at.runs.inputs(run)[REQUEST_KEY])
    assert world.read(other).parameters == world.read(run).parameters
    assert origin(world, other).requester == Requester(name="")


@pytest.mark.parametrize("flow", GIVEN)
def test_a_run_believes_nothing_when_prefect_says_something_else_than_it_gave_the_run(
    deployed: World, flow: str
) -> None:
    """A lying Prefect gives the process ada's parameters, and shows what the Liftgate server signed for rosa."""
    given = GIVEN[flow]
    if flow == "rollback":
        walk(deployed, to="dev").to_end()
    run = start_for_person(deployed.at, "rosa", flow, {"application": "example-app"} | given)
    asked = as_stored(flow, run.parameters)

    def requester(**changes: Any) -> Requester:
        mine = asked.copy_with(**changes)
        if flow == "rollback":
            return rollbacks.begin_rollback(deployed.at, run.id, mine).requester
        return begin.begin_change(deployed.at, run.id, run, deployed.at.git.fetch(), mine).requester

    assert requester() == ROSA
    assert requester(reason="ada's") == Requester(name="")
    assert requester(requested_by="ada") == Requester(name="ada")


def test_another_run_that_prefect_shows_in_its_place_is_not_believed(deployed: World) -> None:
    first, second = started(deployed, to="dev"), walk(deployed, to="dev", release="1.4.2").run
    asked = as_stored("promote", first.parameters)
    change = begin.begin_change(deployed.at, second, first, deployed.at.git.fetch(), asked)
    assert change.requester == Requester(name="")


def test_the_next_environments_run_has_the_requester_of_the_run_before(world: World) -> None:
    run = started(world, to="dev").id
    requests.start_next(world.at, promoted(world, run))
    found = following(world, run)
    assert origin(world, found.id) == Origin(requester=ROSA, before=run)
    assert "after" not in found.parameters
    world.engine.patch(found.id, parameters=found.parameters | {"release": "1.4.1"})
    assert origin(world, found.id) == Origin(requester=Requester(name=""))


def test_a_claimed_requester_stays_claimed_in_the_next_environment(world: World) -> None:
    run = world.run(to="dev", requested_by="grace")
    requests.start_next(world.at, promoted(world, run, Requester(name="grace")))
    assert origin(world, following(world, run).id) == Origin(requester=Requester(name="grace"), before=run)


def test_a_guessed_key_and_a_named_run_inherit_nothing(world: World) -> None:
    """Made before the worker could: it is not the worker's, and a run with other parameters is never signed."""
    run = started(world, to="dev").id
    release = world.at.tree(world.at.git.fetch()).newest_release("example-app").id
    made = world.at.runs.create(
        "promote", PROD | {"release": release, "requested_by": "rosa"}, idempotency_key=f"{run}-staging",
        inputs=lambda _: {CHAINED_KEY: world.at.runs.inputs(run)[REQUEST_KEY]},
    )  # fmt: skip
    requests.start_next(world.at, promoted(world, run))
    assert following(world, run).id == made.id
    assert origin(world, made.id) == Origin(requester=Requester(name="rosa"))


@pytest.mark.prefect
def test_a_run_that_was_held_under_the_key_is_cancelled_where_its_parameters_differ(
    real_world: World,
) -> None:
    run = started(real_world, to="dev").id
    deployment = real_world.read(run).deployment
    body = {
        "parameters": PROD,
        "idempotency_key": f"{real_world.name}-{run}-staging",
        "state": {"type": "PAUSED", "name": "Held"},
    }
    made = real_world.lab.prefect.call("POST", f"/deployments/{deployment}/create_flow_run", body)["id"]
    with pytest.raises(Refused, match="Prefect stored other parameters"):
        requests.start_next(real_world.at, promoted(real_world, run))
    assert (real_world.read(made).state, real_world.at.runs.inputs(made)) == ("CANCELLED", {})


@pytest.mark.parametrize(("reason", "requester"), [("again", ROSA), ("ada's", Requester(name=""))])
def test_the_nights_promotions_have_the_requester_of_the_night(world: World, reason: str, requester: Requester) -> None:
    """A lying Prefect gives the process another reason than the one it was signed with."""
    run = start_for_person(world.at, "rosa", "nightly", {"reason": "again", "minutes": 0}).id
    nightly.night(world.at, run, NightRequest(reason=reason, minutes=0))
    (found,) = world.at.runs.find(flows=("promote",)).runs
    assert origin(world, found.id) == Origin(requester=requester, before=run)
