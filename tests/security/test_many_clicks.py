"""A hundred decisions at the same time on a gate that needs two people: it opens once, and everyone gets an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import NO_CERTIFICATES

from liftgate.server.app import application
from tests.examples import text
from tests.lab import configured
from tests.server.world import World, wait_until

PEOPLE = [f"person-{number}" for number in range(20)]
EACH = 5


def gate_for_two(world: World) -> tuple[str, str]:
    """Prod needs two of twenty people; a run that waits there, and its plan."""
    known = {name: {"email": f"{name}@example.com"} for name in PEOPLE}
    policy = {"prod": {"approvals": {"needed": 2, "from": PEOPLE}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, people=known, policy=policy))})
    return world.waiting(requested_by="")


def cookies(world: World) -> dict[str, str]:
    found = {name: world.http(name).cookies.items() for name in PEOPLE}
    return {name: "; ".join(f"{key}={value}" for key, value in each) for name, each in found.items()}


def decide(world: World, url: str, run: str, body: dict[str, str], cookie: str) -> httpx.Response:
    headers = {"origin": world.url, "cookie": cookie}
    path = f"{url}/api/v1/promotions/{run}/decision"
    return httpx.post(path, json=body, headers=headers, verify=NO_CERTIFICATES, trust_env=False, timeout=60)


def test_a_hundred_clicks_by_twenty_people_open_the_gate_once(world: World) -> None:
    run, plan = gate_for_two(world)
    world.request(run, "rosa")
    body, signed_in = world.ballot(run, plan), cookies(world)
    clicks = [(name, number) for number in range(EACH) for name in PEOPLE]
    with serve(application(world.another())) as second, ThreadPoolExecutor(len(clicks)) as pool:
        urls = (world.url, second.url)

        def click(each: tuple[str, int]) -> httpx.Response:
            return decide(world, urls[each[1] % 2], run, body, signed_in[each[0]])

        answers = list(pool.map(click, clicks))
    assert {answer.status_code for answer in answers} <= {200, 409, 503}  # 503: a busy server says so in a sentence
    assert [answer.json()["sentence"] for answer in answers].count("") == 0
    assert world.resumes(run) == 1
    assert len(world.votes(run)) == len(set(world.votes(run))) >= 2


def test_the_same_while_servers_end_and_start(world: World) -> None:
    """A click whose server ends is made again at another one, as a person would; it counts once."""
    run, plan = gate_for_two(world)
    world.request(run, "rosa")
    body, signed_in = world.ballot(run, plan), cookies(world)
    answered: dict[str, httpx.Response] = {}

    def click(name: str) -> None:
        for url in (*leaving, world.url):
            try:
                answer = decide(world, url, run, body, signed_in[name])
            except httpx.TransportError:
                continue
            if answer.status_code < 500:
                answered[name] = answer
                return

    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        with ExitStack() as servers:
            leaving = [servers.enter_context(serve(application(world.another()))).url for _ in range(2)]
            done = [pool.submit(click, name) for name in PEOPLE]
            wait_until(lambda: bool(answered))
        for each in done:
            each.result()
    assert set(answered) == set(PEOPLE)
    assert {answer.status_code for answer in answered.values()} <= {200, 409}
    assert world.resumes(run) == 1
    assert len(world.votes(run)) == len(set(world.votes(run))) >= 2
