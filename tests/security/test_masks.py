"""A secret in the wrong place (a key, a pointer, a reason) is shown to no one: each edge masks what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.common.verdict import Finding, failed
from liftgate.domain.planning.row import Row
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.domain.secrets.masking import masked_pointer, masked_text
from liftgate.domain.secrets.secret import HIDDEN, mask
from liftgate.services.checks import without_secrets
from tests.cli.conftest import Folder, Said, clone, liftgate
from tests.examples import SEED, text, values
from tests.server.world import World, server_world

__all__ = ["clone", "liftgate"]
SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
POINTERS = st.lists(
    st.sampled_from(["application", "environment", "configs", "cache", "a~1b", "0", "-", ""]), max_size=6
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path) as world:
        yield world


@given(st.lists(st.sampled_from(["application", SECRET, "x"]), max_size=5), st.integers(0, 5))
def test_no_pointer_and_no_row_shows_a_secret(tokens: list[str], at: int) -> None:
    pointer = "/".join(["", *tokens[:at], SECRET, *tokens[at:]])
    row = Row(pointer=pointer, kind="add", sentence=f"{pointer} is new", command=f"liftgate update --set {pointer}=1")
    for shown in (
        masked_pointer(pointer),
        str(row),
        masked_text(f"{pointer} does not exist"),
        mask({SECRET: 1}, "", ""),
    ):
        assert SECRET not in shown
        assert HIDDEN in shown
    assert Row.model_validate_json(row.model_dump_json()) == row, "what is masked stays as it is"


@given(POINTERS)
def test_a_usual_pointer_stays_as_it_is(tokens: list[str]) -> None:
    pointer = "".join(f"/{token}" for token in tokens)
    assert masked_pointer(pointer) == pointer
    assert masked_text(f"{pointer} does not exist:\n  at  line 3") == f"{pointer} does not exist:\n  at  line 3"


def test_a_reason_and_a_verdict_hide_it() -> None:
    request = RunRequest(kind="promote", application="a", environment="dev", reason=f"because of {SECRET}")
    assert request.reason == f"because of {HIDDEN}"
    said = without_secrets(failed(f"bad {SECRET}", Finding(place="a:1:1", rule="r", message=SECRET, fix=SECRET)))
    assert SECRET not in said.in_full


def test_validate_and_plan_hide_a_secret_that_is_a_key(clone: Folder, liftgate: Callable[..., Said]) -> None:
    base = values("base", "1.4.2")
    base["application"][SECRET] = "on"
    clone.put("configs/base/values.json", text(base))
    clone.put("liftgate.json", text(SEED | {"rules": [{"pointer": f"/application/{SECRET}", "owner": "promote"}]}))
    clone.commit()
    for words in (
        ("validate",),
        ("plan", "example-app", "--to", "dev"),
        ("plan", "example-app", "--to", "dev", "--json"),
    ):
        said = liftgate(*words, "--repo", str(clone.path))
        assert SECRET not in said.out + said.err
    said = liftgate("validate", "--repo", str(clone.path), "--json")
    assert SECRET not in said.out + said.err


def test_a_bad_pointer_and_a_reason_hide_it_on_every_way_into_the_server(world: World) -> None:
    run, plan = world.waiting()
    http = world.http("ada", origin=world.url)
    place = {"application": "example-app", "environment": "dev", "reason": f"it is {SECRET}"}
    started = http.post("/api/v1/promotions", json={"flow": "update", "parameters": place | {"changes": {}}})
    assert SECRET not in json.dumps(world.read(started.json()["id"]).parameters)
    for pointer in (f"no-slash-{SECRET}", f"/~{SECRET}", f"/{SECRET}\x1e"):
        answer = http.post(
            "/api/v1/promotions", json={"flow": "update", "parameters": place | {"changes": {pointer: 1}}}
        )
        assert SECRET not in answer.text
    decided = world.ballot(run, plan, reason=f"it is {SECRET}")
    assert http.post(f"/api/v1/promotions/{run}/decision", json=decided).json()["accepted"]
    assert http.post("/pause", data={"reason": f"it is {SECRET}", "what": "pause"}).status_code in (200, 303)
    world.at.git.fetch()
    assert SECRET not in world.at.git.git("log", "--all", "--format=%B")
    for path in ("/", "/pause", f"/promotions/{run}", f"/api/v1/promotions/{run}", "/api/v1/promotions"):
        assert SECRET not in http.get(path).text
    assert SECRET not in json.dumps(world.at.runs.inputs(run))
