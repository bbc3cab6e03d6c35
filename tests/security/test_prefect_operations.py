"""Every operation of the installed Prefect has a class: an operation that a new version adds is refused until then."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_tests.plain import http

from liftgate.domain.config.access import denial
from liftgate.domain.config.configuration import Configuration, read_configuration
from liftgate.domain.config.people import Who
from liftgate.errors import Misconfigured
from liftgate.integrations.runs.operations import access_of, table
from tests.prefect_server import PrefectApi

RUN = "11111111-1111-4111-8111-111111111111"
TEAM = {"environments": {"dev": "/configs/dev"}, "people": {"ada": {}, "rosa": {}}, "operators": ["ada"]}


@pytest.mark.prefect
def test_the_table_has_exactly_the_operations_of_the_installed_prefect(prefect_api: PrefectApi) -> None:
    described = http.get(f"{prefect_api.url.removesuffix('/api')}/openapi.json").json()["paths"]
    theirs = {(method.upper(), path.removeprefix("/api")) for path, methods in described.items() for method in methods}
    assert theirs - table().keys() == set(), "operations without a class: Liftgate refuses them"
    assert table().keys() - theirs == set(), "operations that Prefect does not have"


@pytest.mark.parametrize(
    ("method", "path", "access"),
    [
        ("POST", "/flow_runs/filter", "read"),
        ("GET", f"/flow_runs/{RUN}", "read"),
        ("GET", f"/flow_runs/{RUN}/input/plan-gate-1", "read"),
        ("POST", f"/deployments/{RUN}/create_flow_run", "start"),
        ("POST", f"/deployments/{RUN}/create_flow_run/bulk", "operate"),
        ("POST", "/flow_runs/", "operate"),
        ("PATCH", f"/flow_runs/{RUN}", "operate"),
        ("POST", f"/flow_runs/{RUN}/set_state", "operate"),
        ("POST", f"/flow_runs/{RUN}/resume", "operate"),
        ("POST", f"/flow_runs/{RUN}/input", "operate"),
        ("POST", "/automations/", "operate"),
        ("POST", f"/deployments/{RUN}/schedules", "operate"),
        ("POST", "/work_pools/liftgate/get_scheduled_flow_runs", "operate"),
        ("POST", "/variables/filter", "operate"),
        ("GET", "/variables/name/token", "operate"),
        ("POST", "/block_documents/filter", "operate"),
        ("GET", "/block_types/slug/secret/block_documents/name/token", "operate"),
        ("GET", "/admin/settings", "operate"),
        ("PATCH", "/work_pools/liftgate", "operate"),
        ("GET", "/docs", None),
        ("OPTIONS", "/flow_runs/filter", None),
        ("GET", "/flow_runs/../variables/name/token", None),
        ("GET", "/work_pools/..", None),
        ("POST", "/flow_runs", None),
        ("POST", "//flow_runs/", None),
        ("GET", "/version\n", None),
    ],
)
def test_an_operation_reads_starts_operates_or_is_refused(method: str, path: str, access: str | None) -> None:
    assert access_of(method, path) == access


@given(st.sampled_from(sorted(table())), st.text(min_size=1, max_size=12))
def test_a_name_in_the_path_never_weakens_the_class(operation: tuple[str, str], name: str) -> None:
    """Whatever a person writes for an id: the class is the operation's own, a stronger one, or none."""
    method, template = operation
    path = "/".join(name if part.startswith("{") else part for part in template.split("/"))
    order = [None, "operate", "start", "read"]
    found = access_of(method, path)
    if "/" not in name:
        assert order.index(found) <= order.index(table()[operation])
    assert found is None or not {".", ".."} & set(quote(path, safe="/").split("/"))


@pytest.mark.parametrize(
    ("who", "access", "reason"),
    [
        (Who(name="mallory", known=False), "read", ""),
        (Who(name="mallory", known=False), "start", "mallory is not in people of liftgate.json and may only read"),
        (Who(name="ada", known=False), "operate", "ada is not in people of liftgate.json and may only read"),
        (Who(name="rosa", known=True), "start", ""),
        (Who(name="ada", known=True), "operate", ""),
    ],
)
def test_everybody_signed_in_reads_people_start_and_operators_operate(who: Who, access: str, reason: str) -> None:
    assert denial(Configuration.model_validate(TEAM), who, access) == reason  # type: ignore[arg-type]


def test_a_person_who_is_no_operator_is_told_so() -> None:
    told = denial(Configuration.model_validate(TEAM), Who(name="rosa", known=True), "operate")
    assert told == "only operators may do this in Prefect, and rosa is not in operators of liftgate.json"
    alone = Configuration.model_validate({"environments": TEAM["environments"]})
    assert denial(alone, Who(name="ada", known=True), "operate"), "without a list there are none"


def test_an_operator_who_is_not_in_people_is_a_mistake_in_the_file() -> None:
    with pytest.raises(Misconfigured, match=r'operators\.0: "adda" is not in people; did you mean "ada"'):
        read_configuration(json.dumps(TEAM | {"operators": ["adda"]}).encode())
