"""Two Liftgate servers of one installation that share a database: what people do at one of them, the other knows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import enumerate as enumerate_threads

import httpx
import pytest
from liftgate_sandbox.serve import serve

from liftgate.integrations.clock import SystemClock
from liftgate.server.app import application
from liftgate.services import session
from liftgate.services.notes import Notes
from liftgate.services.session import CALLBACK
from tests.identity_provider import provider
from tests.server.test_oidc import agree, begin, oidc
from tests.server.world import World, server_world, wait_until
from tests.services.test_reviews import SECRET, proposed, review


class Movable(SystemClock):
    """A test says how far it is ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@contextmanager
def other_server(world: World, clock: SystemClock) -> Iterator[str]:
    """The address of another server of the world's installation."""
    at = world.another()
    vars(at)["clock"] = clock
    at.git.fetch()
    with serve(application(at)) as served:
        yield served.url


def use(world: World, server: str, ticket: str) -> int:
    """Sign in with the link's ticket at that server; the status of the answer."""
    form = {"ticket": ticket, "to": "/"}
    headers = {"origin": world.url}
    return httpx.post(f"{server}/sign-in", data=form, headers=headers, trust_env=False).status_code


def ticket(world: World, person: str) -> str:
    return httpx.URL(session.link(world.at, person)).params["ticket"]


@pytest.mark.parametrize("off", [timedelta(minutes=2), timedelta(minutes=-2)], ids=str)
def test_a_used_link_is_remembered_as_long_as_any_server_takes_it(tmp_path: Path, off: timedelta) -> None:
    """Each use of a link forgets those that are over by the clock of the server that was asked."""
    with server_world(tmp_path) as world:
        ours, theirs = Movable(), Movable()
        theirs.ahead = off
        vars(world.at)["clock"] = ours
        with other_server(world, theirs) as other:
            link = ticket(world, "ada")
            assert [use(world, server, link) for server in (world.url, other)] == [303, 403]
            passed = session.LINK_LIFE - timedelta(seconds=20)
            ours.ahead, theirs.ahead = passed, off + passed
            assert use(world, other, ticket(world, "grace")) == 303
            assert use(world, world.url, link) == 403


@pytest.mark.parametrize("off", [timedelta(minutes=2), timedelta(minutes=-2)], ids=str)
def test_a_vote_at_a_server_whose_clock_is_wrong_counts_for_the_worker(tmp_path: Path, off: timedelta) -> None:
    clock = Movable()
    clock.ahead = off
    with server_world(tmp_path) as world, other_server(world, clock) as other:
        run, plan = world.waiting()
        link = {"ticket": ticket(world, "ada"), "to": "/"}
        browser = httpx.Client(base_url=other, headers={"origin": world.url}, trust_env=False)
        assert browser.post("/sign-in", data=link).status_code == 303
        assert browser.post(f"/promotions/{run}/decision", data=world.ballot(run, plan)).status_code == 303
        assert world.resumes(run) == 1
        signers = world.worker.tree(world.worker.git.fetch()).signers
        assert [vote.person for vote in Notes(world.worker.runs, run).votes(plan, signers)] == ["ada"]


def test_a_sign_in_that_began_at_one_server_ends_at_the_other_once(tmp_path: Path) -> None:
    with (
        provider() as issuer,
        server_world(tmp_path, None, **oidc(issuer)) as world,
        other_server(world, SystemClock()) as other,
    ):
        browser = world.http()
        back = httpx.URL(agree(begin(browser), "ada"))
        assert back.path == CALLBACK
        cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        signed_in = httpx.get(f"{other}{back.raw_path.decode()}", headers=cookies, trust_env=False)
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
        again = world.http(**cookies).get(back)
        assert (again.status_code, "was used, or it is too old" in again.text) == (403, True)
        session_of = {"cookie": signed_in.headers["set-cookie"].partition(";")[0]}
        assert "Sign out" in world.http(**session_of).get("/").text


def test_a_report_that_reaches_both_servers_and_one_of_them_twice_is_one_vote(tmp_path: Path) -> None:
    with (
        server_world(tmp_path, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world,
        other_server(world, SystemClock()) as other,
    ):
        run, _ = world.waiting()
        review(world, "grace", proposed(world, run))
        body = json.dumps({"pull_request": {"head": {"ref": f"liftgate/promotions/{run}"}}}).encode()
        proof = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": proof, "x-github-event": "pull_request_review", "x-github-delivery": "1"}
        for server in (world.url, other, world.url, other):
            sent = httpx.post(f"{server}/webhooks/forge", content=body, headers=headers, trust_env=False)
            assert sent.status_code == 202
        wait_until(lambda: world.resumes(run) == 1)
        wait_until(lambda: not reads_reviews())
        assert (world.votes(run), world.resumes(run)) == (["grace"], 1)


def reads_reviews() -> bool:
    """Whether a server still does: its thread ends when no promotion is left."""
    return any(thread.name == "once-each" for thread in enumerate_threads())
