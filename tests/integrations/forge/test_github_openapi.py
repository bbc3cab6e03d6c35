"""The check of requests against GitHub's description finds faults; all tests with the sandbox's forge use it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from liftgate_sandbox.forge.core import Request

from tests.github_openapi import faults, misfits
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import made

HOME = "/repos/shop/config"


def seen(method: str, path: str, body: Any = None, agent: str = "Liftgate/1", **query: str) -> Request:
    return Request(agent, method, path, query, json.dumps(body).encode() if body is not None else b"")


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (seen("GET", f"{HOME}/pulls", state="all", per_page="100"), ""),
        (seen("GET", f"{HOME}/pulls", state="every"), "state: 'every' is not one of"),
        (seen("GET", f"{HOME}/pulls", per_page='"x"'), "per_page: 'x' is not of type 'integer'"),
        (seen("GET", f"{HOME}/pulls", sate="all"), "no parameter sate"),
        (seen("GET", f"{HOME}/branches/release/1/protection"), ""),
        (seen("GET", "/repositories/7/branches/main"), ""),
        (seen("GET", f"{HOME}/no-such"), "GitHub has no such request"),
        (seen("DELETE", f"{HOME}/pulls"), "GitHub has no such request"),
        (seen("POST", f"{HOME}/pulls", {"title": "T", "head": "h", "base": "b"}), ""),
        (seen("POST", f"{HOME}/pulls", {"title": "T", "head": "h"}), "'base' is a required property"),
        (seen("POST", f"{HOME}/pulls", {"head": "h", "base": "b", "titel": "T"}), "'titel' was unexpected"),
        (seen("POST", f"{HOME}/statuses/{'a' * 40}", {"state": "great"}), "'great' is not one of"),
        (seen("POST", f"{HOME}/rulesets", {"name": "n", "enforcement": "active", "rules": [{"type": "x"}]}), "rules"),
        (seen("GET", "/user", {}), "takes no body"),
    ],
)
def test_a_request_that_github_does_not_have_is_found(request_: Request, fault: str) -> None:
    found = list(faults(request_))
    assert (fault in found[0]) if fault else (found == [])


def test_requests_of_others_are_their_own_matter() -> None:
    assert misfits([seen("GET", "/no-such", agent="curl/8")]) == []


def test_the_sandbox_records_what_our_client_sends(hosted: Hosted) -> None:
    made(hosted).find("liftgate/promotions/one", "main")
    (one,) = hosted.forge.core.requests
    assert (one.method, one.path, one.query["base"]) == ("GET", "/repos/shop/config/pulls", "main")
    assert one.agent.startswith("Liftgate/")
