"""Every product we ask may answer with what cannot be read: that is one error of ours, of all ways to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from liftgate_sandbox.serve import serve
from starlette.requests import Request
from starlette.responses import Response

from liftgate.domain.promotion.announcement import Announcement, Place
from liftgate.errors import LiftgateError
from liftgate.integrations.chat.slack import Slack
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.argocd_manifests import ArgoCDManifests
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.live import Chosen
from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.metrics.prometheus import Prometheus
from liftgate.integrations.runs.prefect import Prefect
from liftgate.integrations.runs.registration import Registry
from tests.examples import NOW

DEEP = "[" * 100_000
WITHIN = json.dumps({"items": [{"name": "x", "targetState": DEEP, "liveState": DEEP}], "manifests": [DEEP]})
"""Argo CD sends objects as texts within its JSON."""
ASKED: dict[str, Callable[[str], Any]] = {
    "Argo CD: get": lambda url: ArgoCD(url, "t", "p").get("app"),
    "Argo CD: may sync": lambda url: ArgoCD(url, "t", "p").may_sync("app"),
    "Argo CD: terminate": lambda url: ArgoCD(url, "t", "p").terminate("app"),
    "Argo CD: list": lambda url: ArgoCDList(url, "t", "p").all(),
    "Argo CD: compare": lambda url: ArgoCDList(url, "t", "p").compare("app", ("1",), several=False),
    "Argo CD: render": lambda url: ArgoCDManifests(url, "t", "p", "https://x/y/z").beside("app", "1", "2"),
    "Argo CD: live": lambda url: ArgoCDReads(url, "t", "p").held("app", "values.json"),
    "Argo CD: logs": lambda url: ArgoCDReads(url, "t", "p").lines("app", 1.0, Chosen()),
    "the forge: find": lambda url: GitHub(Access(url=url, repository="a/b", token="t")).find("x", "main"),
    "the forge: merge": lambda url: GitHub(Access(url=url, repository="a/b", token="t")).merge(
        1, head="1", title="t", message="m"
    ),
    "the forge: reviews": lambda url: GitHub(Access(url=url, repository="a/b", token="t")).reviewed("x", "main"),
    "Prometheus": lambda url: Prometheus(url).query("up"),
    "Slack: post": lambda url: slack(url).post(Announcement(promotion="x", title="t", state="s")),
    "Slack: find": lambda url: slack(url).find("x", NOW),
    "Slack: reply": lambda url: slack(url).reply(Place(channel="C", ts="1"), "x"),
    "Prefect: read": lambda url: Prefect(url).read("x"),
    "Prefect: list": lambda url: Prefect(url).find(flows=("promote",)),
    "Prefect: inputs": lambda url: Prefect(url).inputs("x"),
    "Prefect: resume": lambda url: Prefect(url).resume("x", {}),
    "Prefect: start": lambda url: Prefect(url).create("promote", {}),
    "Prefect: workers": lambda url: Registry(url).workers(),
}


def slack(url: str) -> Slack:
    return Slack(f"{url}/api/", "xoxb-1", "C")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """`/STATUS/…` is answered so, with a body that is nested without end; `/within/…` has it in a text."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        kind = Request(scope).url.path.split("/")[1]
        body, status = (WITHIN, 200) if kind == "within" else (DEEP, int(kind))
        await Response(body, status, media_type="application/json")(scope, receive, send)

    with serve(answer) as served:
        yield served.url


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("asked", sorted(ASKED))
def test_an_answer_that_cannot_be_read_is_an_error_of_ours(asked: str, status: int, url: str) -> None:
    with pytest.raises(LiftgateError):
        ASKED[asked](f"{url}/{status}")


def test_an_object_within_an_answer_that_cannot_be_read_is_one_too(url: str) -> None:
    for asked in ("Argo CD: compare", "Argo CD: live"):
        with pytest.raises(LiftgateError, match="nested deeper than 128"):
            ASKED[asked](f"{url}/within")
