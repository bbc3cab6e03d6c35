"""A forge of one's own works through the web service: its webhook, its accounts, its links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import http

from liftgate.integrations.products import FORGES, Product
from tests.examples import text
from tests.integrations.forge.small_server import SmallServer
from tests.lab import configured
from tests.prefect_server import PrefectApi
from tests.server.world import World, server_world, wait_until
from tests.services.test_reviews import SECRET, proposed

pytestmark = pytest.mark.prefect
PEOPLE = {"ada": {"slack": "U01ADA", "small": "rosa"}, "grace": {"github": "rosa", "small": "Grace"}, "rosa": {}}
"""Only the account at the forge that is set counts."""


@pytest.fixture
def world(tmp_path: Path, prefect_api: PrefectApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(FORGES, "small", Product("tests.integrations.forge.small:Small"))
    with serve(server := SmallServer()) as small:
        mine = {"KIND": "small", "URL": small.url, "WEBHOOK_SECRET": SECRET}
        with server_world(
            tmp_path, prefect_api, **{f"LIFTGATE_FORGE__{name}": value for name, value in mine.items()}
        ) as world:
            server.behind = world.lab.town.urls["forge"]
            policy = {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}}
            world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy) | {"people": PEOPLE})})
            world.at.git.fetch()
            yield world


def test_its_webhook_makes_a_review_a_vote_and_its_page_is_linked(world: World) -> None:
    run, _ = world.waiting()
    number = proposed(world, run)
    by_grace = {"Authorization": "Bearer token-of-grace"}
    reviews = f"{world.lab.town.urls['forge']}/api/v3/repos/shop/config/pulls/{number}/reviews"
    http.post(reviews, json={"event": "APPROVE", "body": "good"}, headers=by_grace).raise_for_status()
    body = json.dumps({"about": "opinion", "from": f"liftgate/promotions/{run}"})
    call = world.http().post
    assert call("/webhooks/forge", content=body, headers={"x-small-secret": "wrong"}).status_code == 401
    assert world.votes(run) == []
    assert call("/webhooks/forge", content=body, headers={"x-small-secret": SECRET}).status_code == 202
    wait_until(lambda: world.votes(run) == ["grace"])
    commit = world.committed(run)
    world.at.git.fetch()
    links = world.http().get(f"/api/v1/promotions/{run}").json()["links"]
    assert [f"commit {commit[:9]}", f"https://small.test/!{commit}"] in links
