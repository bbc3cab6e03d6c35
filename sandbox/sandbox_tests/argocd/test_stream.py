"""The stream of applications: framing, masks, silence and refusals, as recordings 97-105 show them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import settings
from sandbox_tests.argocd.shapes import shape

_CASES = Path(__file__).parents[3] / "tests" / "cases" / "argocd"
_STREAM = "/api/v1/stream/applications"
_EVENTS = {"Accept": "text/event-stream"}


def recorded(number: int) -> Any:
    [file] = _CASES.glob(f"{number}-*.json")
    return json.loads(file.read_text())["response"]


def events(lines: Iterator[str]) -> Iterator[Any]:
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))["result"]


def test_the_first_event_is_the_state_as_it_is(automatic: Lab) -> None:
    query = {"name": "dev", "project": "promo"}
    with automatic.user.stream("GET", _STREAM, params=query) as answer:
        event = json.loads(next(answer.iter_lines()))
    assert event["result"]["type"] == "ADDED"
    assert event["result"]["application"] == automatic.get("dev").json()
    assert answer.headers["content-type"] == recorded(97)["headers"]["content-type"]


def test_a_masked_stream_follows_a_push_to_its_end(automatic: Lab) -> None:
    paths = ("metadata.name", "operation", "status.sync.revision", "status.sync.status", "status.health")
    fields = ",".join(["result.type", *(f"result.application.{path}" for path in paths)])
    query = {"name": "dev", "project": "promo", "fields": fields}
    with automatic.user.stream("GET", _STREAM, params=query, headers=_EVENTS) as answer:
        seen = events(answer.iter_lines())
        first = next(seen)
        automatic.config.values("dev", settings("dev", "1.1.0"))
        sha = automatic.config.commit()
        automatic.refresh("dev")
        statuses = []
        for event in seen:
            status = event["application"]["status"]
            statuses.append((status["sync"]["status"], status["health"]["status"]))
            if status["sync"]["revision"] == sha and statuses[-1] == ("Synced", "Healthy"):
                break
    assert ("Synced", "Progressing") in statuses
    assert shape(first["application"]["status"]) == {
        "sync": {"revision": "str", "status": "str"},
        "health": {"status": "str", "lastTransitionTime": "str"},
    }


def test_events_are_framed_with_three_line_ends_and_silence_with_comments(automatic: Lab) -> None:
    query = {"name": "dev", "project": "promo", "fields": "result.type"}
    with automatic.user.stream("GET", _STREAM, params=query, headers=_EVENTS) as answer:
        text = ""
        for chunk in answer.iter_text():
            text += chunk
            if text.count(":\n") == 2:
                break
    assert text == 'data: {"result":{"type":"ADDED"}} \n\n\n:\n:\n'


def test_without_a_name_and_with_a_version_only_what_is_newer_comes(automatic: Lab) -> None:
    version = automatic.get("dev").json()["metadata"]["resourceVersion"]
    hurried = automatic.client(automatic.argocd.token("promo", "promoter"))
    hurried.timeout = 0.3
    query = {"project": "promo", "resourceVersion": version}
    with pytest.raises(httpx.ReadTimeout), hurried.stream("GET", _STREAM, params=query):
        pass
    hurried.timeout = 5
    with hurried.stream("GET", _STREAM, params=query | {"name": "dev"}) as answer:
        assert json.loads(next(answer.iter_lines()))["result"]["type"] == "ADDED"


@pytest.mark.parametrize("headers", [{}, _EVENTS])
def test_an_unknown_name_is_silence_without_even_headers(automatic: Lab, headers: dict[str, str]) -> None:
    hurried = automatic.client(automatic.argocd.token("promo", "promoter"))
    hurried.timeout = 0.5
    with (
        pytest.raises(httpx.ReadTimeout),
        hurried.stream("GET", _STREAM, params={"name": "no"}, headers=headers),
    ):
        pass


@pytest.mark.parametrize(("number", "token", "headers"), [(103, "garbage", {}), (104, "", _EVENTS)])
def test_a_bad_token_is_told_in_the_stream_and_by_the_status(
    lab: Lab, number: int, token: str, headers: dict[str, str]
) -> None:
    answer = lab.client(token).get(_STREAM, params={"name": "dev"}, headers=headers)
    expected = recorded(number)
    assert answer.status_code == expected["status"]
    assert answer.headers["content-type"] == expected["headers"]["content-type"]
    assert json.loads(answer.text.strip().removeprefix("data: ")) == expected["stream"][0]["json"]


def test_a_deleted_application_is_told(automatic: Lab) -> None:
    with automatic.user.stream("GET", _STREAM, params={"name": "dev"}, headers=_EVENTS) as answer:
        seen = events(answer.iter_lines())
        next(seen)
        automatic.admin.delete(automatic.path("dev")).raise_for_status()
        assert next(event for event in seen if event["type"] != "MODIFIED")["type"] == "DELETED"
