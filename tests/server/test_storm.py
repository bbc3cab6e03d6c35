"""A storm of webhooks: each is answered at once, what they ask for is done once for a promotion, and nothing grows."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import pytest
from sandbox_tests.plain import NO_CERTIFICATES, eventually

from liftgate.server.once_each import OnceEach
from liftgate.server.state import ServerState
from tests.server.world import World, server_world

AT_ONCE = 20
SECRET = "of the forge"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        yield world


def state(world: World) -> ServerState:
    found: ServerState = world.app.state.state
    return found


def storm(world: World, promotions: list[str]) -> Counter[tuple[int, str]]:
    """A signed webhook about the reviews of each; how often which status and `Retry-After` was the answer."""

    left, answers = iter(promotions), Counter[tuple[int, str]]()

    async def send(client: httpx.AsyncClient) -> None:
        for promotion in left:
            answer = await client.post(**signed(world, promotion))
            answers[answer.status_code, answer.headers.get("retry-after", "")] += 1

    async def send_all() -> None:
        async with httpx.AsyncClient(verify=NO_CERTIFICATES, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(send(client) for _ in range(AT_ONCE)))

    asyncio.run(send_all())
    return answers


def signed(world: World, promotion: str) -> dict[str, Any]:
    body = json.dumps({"pull_request": {"head": {"ref": f"liftgate/promotions/{promotion}"}}}).encode()
    proof = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": proof, "x-github-event": "pull_request_review"}
    return {"url": f"{world.url}/webhooks/forge", "content": body, "headers": headers}


def test_a_thousand_wishes_for_one_promotion_are_taken_and_its_reviews_are_read_twice(world: World) -> None:
    """Once for the first, and once more for all that came meanwhile: a hundred webhooks at once, and nine hundred more
    without their requests."""
    done, may_end = list[str](), Event()

    def work(promotion: str) -> None:
        may_end.wait(60)
        done.append(promotion)

    vars(state(world))["reviews"] = reviews = OnceEach(work)
    run = str(UUID(int=1))
    assert storm(world, [run] * 100) == {(202, ""): 100}
    assert all(reviews.want(run) for _ in range(900))
    may_end.set()
    assert eventually(lambda: done == [run, run])


def test_too_many_promotions_at_once_are_refused_with_the_time_to_come_again(world: World) -> None:
    may_end = Event()

    def work(_: str) -> None:
        may_end.wait(60)

    vars(state(world))["reviews"] = reviews = OnceEach(work, most=20)
    answers = storm(world, [str(UUID(int=number)) for number in range(100)])
    assert answers == {(202, ""): 21, (429, "5"): 79}
    assert not reviews.want("another")
    may_end.set()
    assert eventually(lambda: reviews.want("another"))


def test_what_fails_for_one_stops_no_other() -> None:
    done = list[str]()

    def work(key: str) -> None:
        if key == "bad":
            raise ValueError(key)
        done.append(key)

    each = OnceEach(work)
    assert all(each.want(key) for key in ("bad", "good"))
    assert eventually(lambda: done == ["good"])


def test_requests_leave_no_objects_behind(world: World) -> None:
    """Some fill a cache or start a thread; all others add nothing for each."""
    vars(state(world))["reviews"] = OnceEach(lambda _: None)
    run, _ = world.waiting()

    def objects_after_forty() -> int:
        with world.http() as http:
            assert http.get(f"/promotions/{run}").status_code == http.get("/").status_code == 200
            for _ in range(20):
                assert http.get("/healthz").status_code == http.get("/metrics").status_code == 200
        storm(world, [run] * 40)
        gc.collect()
        return len(gc.get_objects())

    seen = [objects_after_forty() for _ in range(4)]
    assert min(later - earlier for earlier, later in pairwise(seen)) < 40, f"each time more: {seen}"
