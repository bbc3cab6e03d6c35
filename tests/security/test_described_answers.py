"""The API answers whatever its description allows, and what it does not, only as the description says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server.described import DESCRIPTION
from tests.server.world import World, server_world

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = openapi.from_dict(DESCRIPTION)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with server_world(tmp_path_factory.mktemp("world")) as world:
        world.waiting()
        yield world


@pytest.fixture(scope="module", params=["", "ada"], ids=["not signed in", "signed in"])
def cookies(world: World, request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(world.http(request.param).cookies)


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_answer_is_undocumented(world: World, cookies: dict[str, str], label: str) -> None:
    operation = OPERATIONS[label]
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, database=None, derandomize=True)
    @given(st.one_of(modes))
    def ask(case: object) -> None:
        answer = case.call(base_url=world.url, headers={"origin": world.url}, cookies=cookies)  # type: ignore[attr-defined]
        case.validate_response(answer, checks=CHECKS)  # type: ignore[attr-defined]

    ask()
