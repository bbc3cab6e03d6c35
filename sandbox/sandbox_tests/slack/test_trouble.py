"""Each fault of the workspace, felt by Slack's own client."""

from __future__ import annotations

from http.client import IncompleteRead

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from sandbox_tests.plain import http
from sandbox_tests.slack.world import CHANNEL, World


def arm(world: World, fault: str, seconds: float = 1.0) -> None:
    wanted = {"fault": fault, "times": 1, "seconds": seconds}
    http.post(f"{world.url}/sandbox/faults", json=wanted).raise_for_status()


@pytest.mark.parametrize(("fault", "status"), [("status-503", 503), ("rate-limited", 429)])
def test_a_refused_call_posts_nothing(world: World, fault: str, status: int) -> None:
    arm(world, fault, seconds=30)
    with pytest.raises(SlackApiError) as caught:
        world.post()

    assert caught.value.response.status_code == status
    assert world.client.conversations_history(channel=CHANNEL)["messages"] == []


def test_the_rate_limit_says_when_to_come_back(world: World) -> None:
    arm(world, "rate-limited", seconds=30)
    answer = http.post(f"{world.url}/api/auth.test")

    assert (answer.headers["retry-after"], answer.json()["error"]) == ("30", "ratelimited")


def test_a_message_whose_answer_is_lost_stands_in_the_channel(world: World) -> None:
    arm(world, "lost-answer")
    with pytest.raises(IncompleteRead):
        world.post()

    assert len(world.client.conversations_history(channel=CHANNEL)["messages"]) == 1


def test_a_slow_answer_runs_into_the_clients_patience(world: World) -> None:
    arm(world, "slow", seconds=5)

    with pytest.raises(httpx.ReadTimeout):
        http.post(f"{world.url}/api/auth.test", timeout=0.2)
