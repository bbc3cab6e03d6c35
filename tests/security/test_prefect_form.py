"""A person starts a run from Prefect's form through the sign-in: they are its proven requester, and nothing else of
the form counts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.approval.requester import Requester
from liftgate.errors import Refused
from liftgate.integrations.runs.form import Wanted, read_form
from liftgate.services.form_starts import start_from_form
from liftgate.services.requests import who_asked
from tests.examples import text
from tests.lab import configured
from tests.server.test_with_the_flow import lab
from tests.server.test_with_the_flow import world as flows
from tests.server.world import World

__all__ = ["flows", "lab"]
PLAIN = {"application": "example-app", "to": "prod", "release": "1.4.2"}
texts = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts,
    lambda below: st.lists(below, max_size=2) | st.dictionaries(texts, below, max_size=2),
    max_leaves=4,
)


def deployment(world: World, flow: str = "promote") -> str:
    found = world.lab.prefect.call("GET", f"/deployments/name/{flow}/{world.name}-{flow}")
    return str(found["id"])


def start(world: World, person: str, body: Any, at: str = "") -> httpx.Response:
    path = f"/prefect/api/deployments/{at or deployment(world)}/create_flow_run"
    return world.http(person, origin=world.url).post(path, json=body)


@pytest.mark.prefect
def test_a_start_from_the_form_is_proven_and_takes_only_what_a_person_decides(real_world: World) -> None:
    world, when = real_world, datetime.now(UTC) + timedelta(days=2)
    body = {
        "parameters": PLAIN | {"requested_by": "ada", "reason": {"__prefect_kind": "json", "value": '"by the form"'}},
        "name": "my run",
        "tags": ["mine"],
        "state": {"type": "SCHEDULED", "message": "m", "state_details": {"scheduled_time": when.isoformat()}},
        "idempotency_key": "stolen",
        "enforce_parameter_schema": False,
        "job_variables": {"command": "touch /tmp/owned"},
        "work_queue_name": "other",
        "labels": {"a": 1},
    }
    answer = start(world, "rosa", body)
    assert answer.status_code == 201, answer.text
    stored = world.lab.prefect.read(answer.json()["id"])
    assert stored["parameters"] == PLAIN | {"reason": "by the form"}
    assert (stored["name"], stored["tags"], stored["job_variables"]) == ("my run", ["mine"], {})
    assert not stored["idempotency_key"]
    assert "a" not in stored["labels"]
    run = world.read(stored["id"])
    assert (run.state, run.begin) == ("SCHEDULED", when)
    assert who_asked(world.at, world.at.latest, run) == Requester(name="rosa", proof="server")


@pytest.mark.prefect
def test_while_liftgate_json_is_broken_the_form_starts_rollbacks_only(real_world: World) -> None:
    world = real_world
    world.lab.commit({"liftgate.json": b"{"})
    world.at.git.fetch()
    body = {"parameters": {"application": "example-app", "environment": "prod"}}
    assert start(world, "rosa", body, deployment(world, "rollback")).status_code == 201
    refused = start(world, "rosa", {"parameters": PLAIN})
    assert (refused.status_code, "liftgate.json:1:1" in refused.json()["detail"]) == (502, True)
    assert start(world, "stranger", body, deployment(world, "rollback")).status_code == 403


@pytest.mark.prefect
def test_prefects_pages_list_a_run_at_the_time_when_it_begins(real_world: World) -> None:
    """They filter by the time of a run's first state, which Prefect never changes."""
    began, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)
    body = {"parameters": PLAIN}
    now = start(real_world, "rosa", body).json()
    state = {"state_details": {"scheduled_time": later.isoformat()}}
    then = start(real_world, "rosa", body | {"state": state}).json()
    assert began < datetime.fromisoformat(now["expected_start_time"]) < datetime.now(UTC)
    assert datetime.fromisoformat(then["expected_start_time"]) == later


@pytest.mark.prefect
def test_a_deployment_that_adds_parameters_starts_nothing(real_world: World) -> None:
    """Whoever reaches Prefect may change its deployments: a person would be proven for what they never asked for."""
    identity = deployment(real_world)
    real_world.lab.prefect.call("PATCH", f"/deployments/{identity}", {"parameters": {"release": "9.9.9"}})
    answer = start(real_world, "rosa", {"parameters": {"application": "example-app", "to": "prod"}}, identity)
    assert answer.status_code == 409
    assert "Prefect stored other parameters" in answer.json()["detail"]
    wanted = {"deployments": {"id": {"any_": [identity]}}}
    (run,) = real_world.lab.prefect.call("POST", "/flow_runs/filter", wanted)
    assert run["state"]["type"] == "CANCELLED"


@pytest.mark.prefect
def test_the_deployment_of_another_installation_is_not_started(real_world: World) -> None:
    real_world.engine.deploy("elsewhere", "promote")
    other = real_world.lab.prefect.call("GET", "/deployments/name/promote/elsewhere-promote")["id"]
    answer = start(real_world, "rosa", {"parameters": PLAIN}, other)
    assert answer.status_code == 409
    assert "not one of this Liftgate installation" in answer.json()["detail"]


def test_a_time_that_is_over_means_now(world: World) -> None:
    over = Wanted(parameters=dict(PLAIN), begin=datetime(2020, 1, 1, tzinfo=UTC))
    run = start_from_form(world.at, "rosa", f"promote/{world.name}-promote", over)
    assert world.read(run.id).begin is None
    assert who_asked(world.at, world.at.latest, world.read(run.id)).name == "rosa"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[]", "the request's body is not a JSON object"),
        (b"{", "the request's body is not JSON"),
        (b'{"parameters": ["a"]}', "Prefect's form: parameters: Input should be a valid dictionary"),
        (b'{"parameters": {"a": 18446744073709551616}}', "beyond 2^53"),
        (b'{"parameters": {"a": {"__prefect_kind": "json", "value": "18446744073709551616"}}}', "beyond 2^53"),
        (b'{"parameters": {"a": {"__prefect_kind": "jinja", "template": "{{ 6*7 }}"}}}', "no template"),
        (b'{"parameters": {"a": {"__prefect_kind": "json", "value": "{"}}}', "a value in Prefect's form is not JSON"),
        (b'{"state": {"state_details": {"scheduled_time": "soon"}}}', "Prefect's form: begin: Input should be a valid"),
        (b'{"tags": "x"}', "Prefect's form: tags: Input should be a valid tuple"),
    ],
)
def test_a_form_that_does_not_fit_is_one_sentence(body: bytes, told: str) -> None:
    with pytest.raises(Refused, match=re.escape(told)):
        read_form(body)


@given(st.dictionaries(texts, json_values, max_size=3))
def test_json_text_in_the_form_is_the_value_itself(values: dict[str, Any]) -> None:
    as_text = {key: {"__prefect_kind": "json", "value": json.dumps(value)} for key, value in values.items()}
    plain = read_form(json.dumps({"parameters": values}).encode())
    assert read_form(json.dumps({"parameters": as_text}).encode()).parameters == plain.parameters == values


@pytest.mark.prefect
def test_exactly_as_many_approvers_as_needed_can_approve_what_was_started_from_the_form(flows: World) -> None:
    policy = {
        "dev": {"deliver": "pull-request", "approvals": {"needed": 1, "from": ["ada"]}},
        "staging": {"start": "manual"},
    }
    flows.lab.commit({"liftgate.json": text(configured(flows.lab, policy=policy))})
    identity = flows.lab.deployments["promote"]
    body = {"parameters": {"application": "example-app", "to": "dev"}, "state": None}
    assert start(flows, "rosa", body, identity).status_code == 201
    run = flows.lab.at_gate("dev")
    flows.lab.vote(run, "ada")
    flows.lab.wake(run)
    assert flows.lab.ended(run)["name"] == "Promoted"
    (entry,) = flows.lab.entries("dev")
    assert (entry.requested_by, entry.proof, entry.approved_by) == ("rosa", "server", ("ada",))


@pytest.mark.parametrize("flow", ["promote", "update", "rollback", "nightly"])
def test_the_form_of_a_run_has_no_field_that_only_liftgate_fills_in(flow: str) -> None:
    forms = json.loads(files("liftgate.schemas").joinpath("parameters.json").read_text())
    for_people = {
        *("application", "to", "environment", "release", "reason", "requested_by", "changes", "remove", "file"),
        *("promotion", "back_to", "limit", "minutes", "allow_downgrade"),
    }
    assert set(forms[flow]["properties"]) <= for_people
