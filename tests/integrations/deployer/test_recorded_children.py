"""An app of apps as it was recorded: it calls itself Healthy whatever its Applications are, so the wait asks them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liftgate.integrations.clock import SystemClock
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.wait import Wait
from tests.integrations.deployer.recordings import seen_in


def waited(parent: int, child_a: int, child_b: int) -> Deployed:
    """For the parent of that recording, its children answering like the Applications of the other two."""
    parts = {"x-parent": parent, "x-child-a": child_a, "x-child-b": child_b}
    answers = {name: seen_in(number)[0] for name, number in parts.items()}
    revision = answers["x-parent"]["status"]["sync"]["revision"]

    def answer(request: httpx.Request) -> httpx.Response:
        if "stream" in request.url.path:
            raise httpx.ReadTimeout("silence", request=request)
        if request.url.path.endswith(("/manifests", "/resource-tree")):
            return httpx.Response(200, json={})
        found: dict[str, Any] = answers[request.url.path.rpartition("/")[2]]
        return httpx.Response(200, json=found)

    adapter = ArgoCD("http://argocd.test", "token", "promo", transport=httpx.MockTransport(answer))
    wait = Wait(adapter, SystemClock(), "x-parent", "p", lambda one: "accepted" if one == revision else "unrelated")
    return wait.until(0.3)


@pytest.mark.parametrize("parent", [231, 233, 234])
def test_with_healthy_children_it_is_deployed(parent: int) -> None:
    assert waited(parent, 123, 228).state == "deployed"


def test_a_degraded_child_is_named() -> None:
    ended = waited(233, 119, 228)
    assert ended.state == "timed out"
    assert "Degraded (Application/x-child-a)" in ended.reason


@pytest.mark.parametrize(("parent", "child"), [(234, 131), (231, 166), (231, 118), (231, 60)])
def test_a_child_that_is_not_there_yet_is_waited_for(parent: int, child: int) -> None:
    """Unknown, OutOfSync, Progressing, and one whose operation only begins."""
    ended = waited(parent, 228, child)
    assert (ended.state, "Progressing" in ended.reason) == ("timed out", True)
