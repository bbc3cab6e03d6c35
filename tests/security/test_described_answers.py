"""The API answers whatever its description allows, and what it does not, only as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.described import DESCRIPTION
from tests.server.world import World, server_world

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LABELS = [
    f"{method.upper()} {path}" for path, item in DESCRIPTION["paths"].items() for method in METHODS if method in item
]


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """By label. The library takes seconds to import, so only the process that needs it does."""
    from schemathesis import openapi
    from schemathesis.core.result import Ok

    found = openapi.from_dict(DESCRIPTION).get_all_operations()
    return {each.ok().label: each.ok() for each in found if isinstance(each, Ok)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with server_world(tmp_path_factory.mktemp("world")) as world:
        world.waiting()
        yield world


@pytest.fixture(scope="module", params=["", "ada"], ids=["not signed in", "signed in"])
def cookies(world: World, request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(world.http(request.param).cookies)


@pytest.mark.parametrize("label", LABELS)
def test_no_answer_is_undocumented(
    world: World, cookies: dict[str, str], operations: dict[str, Any], label: str
) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    asked = [
        not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, database=None, derandomize=True)
    @given(st.one_of([operations[label].as_strategy(generation_mode=mode) for mode in modes]))
    def ask(case: Any) -> None:
        answer = case.call(base_url=world.url, headers={"origin": world.url}, cookies=cookies)
        case.validate_response(answer, checks=asked)

    ask()


def test_each_operation_is_asked(operations: dict[str, Any]) -> None:
    assert sorted(operations) == sorted(LABELS)
