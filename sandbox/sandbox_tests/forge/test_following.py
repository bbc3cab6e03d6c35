"""What a push, a review and a merge set off: signed webhooks, and pull requests that keep up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.receiver import SECRET, Receiver, receiving
from sandbox_tests.forge.world import REPOSITORY, World


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    with receiving() as receiver:
        world.forge.add_webhook(REPOSITORY, receiver.url, SECRET)
        yield receiver


def test_a_push_is_told_with_its_commits(world: World, receiver: Receiver) -> None:
    first = world.commit({"a": "1"})
    created = receiver.next()
    second = world.commit({"a": "2", "b": "1"})
    moved = receiver.next()

    assert created.payload["created"] is True
    assert (moved.event, moved.payload["ref"]) == ("push", "refs/heads/main")
    assert (moved.payload["before"], moved.payload["after"]) == (first, second)
    assert [commit["id"] for commit in moved.payload["commits"]] == [second]
    assert (moved.payload["head_commit"]["added"], moved.payload["head_commit"]["modified"]) == (["b"], ["a"])
    assert moved.payload["pusher"]["name"] == "ada"
    assert moved.payload["repository"]["full_name"] == REPOSITORY


def test_deliveries_are_signed_and_numbered(world: World, receiver: Receiver) -> None:
    world.commit({"a": "1"})
    world.commit({"a": "2"})
    one, two = receiver.next(), receiver.next()

    assert one.is_signed()
    assert one.headers["x-github-delivery"] != two.headers["x-github-delivery"]


def test_a_pull_request_is_followed_from_its_opening_to_its_merge(world: World, receiver: Receiver) -> None:
    pull = world.proposal()
    opened = receiver.next()
    with world.api("ada") as api:
        api.post(f"{pull}/reviews", json={"event": "APPROVE"})
        reviewed = receiver.next()
        api.put(f"{pull}/merge")
        closed, pushed = receiver.next(), receiver.next()

    assert (opened.event, opened.payload["action"], opened.payload["number"]) == ("pull_request", "opened", 1)
    assert (reviewed.event, reviewed.payload["action"]) == ("pull_request_review", "submitted")
    assert (reviewed.payload["review"]["state"], reviewed.payload["sender"]["login"]) == ("approved", "ada")
    assert (closed.payload["action"], closed.payload["pull_request"]["merged"]) == ("closed", True)
    assert closed.payload["pull_request"]["merge_commit_sha"] == pushed.payload["after"]


def test_a_push_to_the_head_synchronizes_and_dismisses_approvals(world: World, receiver: Receiver) -> None:
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1))
    pull = world.proposal()
    with world.api("ada") as api:
        api.post(f"{pull}/reviews", json={"event": "APPROVE"})
        head = world.commit({"more": "1"}, branch="promote/1")
        events = [receiver.next() for _ in range(5)]
        states = [review["state"] for review in api.get(f"{pull}/reviews").json()]

    told = [(each.event, each.payload.get("action")) for each in events]
    assert told[2:] == [("push", None), ("pull_request", "synchronize"), ("pull_request_review", "dismissed")]
    assert events[3].payload["after"] == events[3].payload["pull_request"]["head"]["sha"] == head
    assert states == ["DISMISSED"]


def test_a_deleted_head_branch_closes_its_pull_request(world: World) -> None:
    pull = world.proposal()
    with world.api() as api:
        api.delete("/git/refs/heads/promote/1")
        shape = api.get(pull).json()

    assert (shape["state"], shape["merged"]) == ("closed", False)
    assert shape["head"]["sha"] == world.forge.bare(REPOSITORY).ref("refs/pull/1/head")


def test_a_head_pushed_straight_to_the_base_counts_as_merged(world: World) -> None:
    pull = world.proposal()
    head = world.forge.bare(REPOSITORY).branch("promote/1")
    with world.api("owner") as api:
        api.patch("/git/refs/heads/main", json={"sha": head})
        shape = api.get(pull).json()

    assert (shape["merged"], shape["merge_commit_sha"], shape["merged_by"]["login"]) == (True, head, "owner")


def test_a_hook_hears_only_what_it_asked_for(world: World) -> None:
    with receiving() as receiver:
        world.forge.add_webhook(REPOSITORY, receiver.url, SECRET, ("pull_request",))
        world.commit({"a": "1"})
        world.proposal()

        assert receiver.next().event == "pull_request"


def test_a_receiver_that_fails_or_is_gone_breaks_nothing(world: World, receiver: Receiver) -> None:
    world.forge.add_webhook(REPOSITORY, "http://127.0.0.1:1/", SECRET)
    world.forge.add_webhook(REPOSITORY, "no address at all", SECRET)
    receiver.broken = True
    head = world.commit({"a": "1"})
    receiver.next()
    receiver.broken = False
    world.commit({"a": "2"})

    assert receiver.next().payload["before"] == head


def test_closing_the_forge_delivers_what_waits(world: World, receiver: Receiver) -> None:
    world.proposal()
    world.forge.close()

    assert receiver.next().event == "pull_request"
