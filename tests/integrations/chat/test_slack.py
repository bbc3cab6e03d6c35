"""The Slack adapter against the sandbox workspace: one message, updated in place, found again, never too long."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack import Slack as Workspace
from sandbox_tests.plain import http
from slack_sdk import WebClient
from slack_sdk.http_retry import builtin_handlers

from liftgate.domain.approval.policy import Person
from liftgate.domain.promotion.announcement import Announcement
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.chat.slack import Slack
from liftgate.integrations.clock import SystemClock
from tests.integrations.chat.test_slack_blocks import plan

CHANNEL, TOKEN = "C0RELEASES", "xoxb-sandbox"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    workspace = Workspace(tmp_path, bot_token=TOKEN, signing_secret="s")
    workspace.add_channel(CHANNEL, "releases")
    with serve(workspace.asgi()) as served:
        yield served.url


def said(**changes: object) -> Announcement:
    plain = Announcement(
        promotion="one", title="example-app 1.4.2 → prod", state="waits <!here>", facts=(("requested by", "ada"),),
        plan=plan(), url="http://127.0.0.1/promotions/one", vote_on="sha256:abc",
    )  # fmt: skip
    return plain.copy_with(**changes)


def messages(url: str) -> list[dict[str, object]]:
    client = WebClient(token=TOKEN, base_url=f"{url}/api/")
    found: list[dict[str, object]] = client.conversations_history(channel=CHANNEL)["messages"]
    return found


def test_a_message_is_updated_in_place_and_loses_its_buttons(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL)
    place = slack.post(said())
    assert place is not None
    assert "actions" in str(messages(url)[0]["blocks"])
    assert slack.update(place, said(vote_on="", state="promoted"))
    (message,) = messages(url)
    assert "actions" not in str(message["blocks"])
    assert "promoted" in str(message["text"])


def test_a_message_that_a_person_deleted_is_gone_and_no_error(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL)
    place = slack.post(said())
    assert place is not None
    WebClient(token=TOKEN, base_url=f"{url}/api/").chat_delete(channel=CHANNEL, ts=place.ts)
    assert not slack.update(place, said(state="promoted"))
    assert slack.find(said().promotion, SystemClock().now() - timedelta(minutes=1)) is None


def test_no_value_becomes_a_mention(url: str) -> None:
    Slack(f"{url}/api/", TOKEN, CHANNEL).post(said())
    assert "<!" not in str(messages(url))


def test_a_message_is_found_again_by_its_promotion(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL)
    since = SystemClock().now() - timedelta(minutes=1)
    place = slack.post(said())
    slack.post(said(promotion="two"))
    assert slack.find("one", since) == place
    assert slack.find("three", since) is None


def test_a_message_is_found_below_others_of_a_busy_channel(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL, page=1)
    since = SystemClock().now() - timedelta(minutes=1)
    place = slack.post(said())
    for name in ("two", "three"):
        slack.post(said(promotion=name))
    assert slack.find("one", since) == place
    assert slack.find("four", since) is None


def test_a_huge_plan_stays_within_slacks_limits(url: str) -> None:
    assert Slack(f"{url}/api/", TOKEN, CHANNEL).post(said(plan=plan(2000), title="x" * 500)) is not None


def test_what_changes_in_the_cluster_stands_above_the_buttons_with_the_way_to_the_rest(url: str) -> None:
    cluster = "2 objects change: ConfigMap/config, Deployment/<!channel>"
    Slack(f"{url}/api/", TOKEN, CHANNEL).post(said(cluster=cluster))
    blocks = messages(url)[0]["blocks"]
    assert isinstance(blocks, list)
    kinds = [each["type"] for each in blocks]
    shown = blocks[kinds.index("actions") - 1]["text"]["text"]
    assert shown.startswith("*What will change in the cluster*\n2 objects change: ConfigMap/config, Deployment/&lt;!")
    assert shown.endswith("<http://127.0.0.1/promotions/one|Every field>")


@pytest.mark.parametrize("text", ["x" * 9000, "&" * 9000, "<" * 2999])
def test_a_huge_cluster_and_endless_commands_stay_within_slacks_limits(url: str, text: str) -> None:
    message = said(cluster=text, commands=(text, "git push"), calls=("U01ADA",) * 60)
    assert Slack(f"{url}/api/", TOKEN, CHANNEL).post(message) is not None
    assert "|Every field>" in str(messages(url))


def test_people_are_called_and_given_commands_that_nothing_ends(url: str) -> None:
    Slack(f"{url}/api/", TOKEN, CHANNEL).post(said(commands=("git push ``` <!here>",), calls=("U01ADA", "U02GRACE")))
    shown = str(messages(url))
    assert "<@U01ADA> <@U02GRACE>" in shown
    assert "git push \u02cb\u02cb\u02cb &lt;!here&gt;" in shown


def test_a_reply_goes_into_the_thread(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL)
    place = slack.post(said())
    assert place is not None
    slack.reply(place, "committed <!channel>")
    client = WebClient(token=TOKEN, base_url=f"{url}/api/")
    replies = client.conversations_replies(channel=CHANNEL, ts=place.ts)["messages"]
    assert [reply["text"] for reply in replies][1:] == ["committed &lt;!channel&gt;"]


def test_a_wrong_token_is_a_mistake_of_the_settings(url: str) -> None:
    with pytest.raises(Misconfigured, match="invalid_auth"):
        Slack(f"{url}/api/", "xoxb-wrong", CHANNEL).post(said())


def test_without_a_channel_people_are_still_known_and_what_is_sent_names_the_setting(url: str) -> None:
    slack = Slack(f"{url}/api/", TOKEN, "")
    assert slack.account(Person(slack="U01ADA")) == "U01ADA"
    assert slack.account(Person(slack="!channel")) == slack.account(Person(github="U01ADA")) == ""
    with pytest.raises(Misconfigured, match="LIFTGATE_SLACK__CHANNEL"):
        slack.post(said())


def test_a_slack_that_is_down_is_unavailable(url: str) -> None:
    http.post(f"{url}/sandbox/faults", json={"fault": "status-503", "times": 1}).raise_for_status()
    with pytest.raises(Unavailable):
        Slack(f"{url}/api/", TOKEN, CHANNEL).post(said())
    with pytest.raises(Unavailable):
        Slack("http://127.0.0.1:9/api/", TOKEN, CHANNEL).post(said())


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{", b"NONE\r\n\r\n", b""])
def test_an_answer_that_is_cut_off_or_none_is_unavailable(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def answered() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        answering = pool.submit(answered)
        with pytest.raises(Unavailable, match="Slack is not reachable"):
            Slack(f"http://127.0.0.1:{listening.getsockname()[1]}/api/", "xoxb-1", "C1").workspace()
        answering.result(10)


@pytest.mark.parametrize(("asked", "slept"), [(2, [2]), (3600, [])])
def test_a_slack_that_asks_to_wait_is_waited_for_only_briefly(
    url: str, monkeypatch: pytest.MonkeyPatch, asked: int, slept: list[int]
) -> None:
    found: list[int] = []
    sleeps = SimpleNamespace(sleep=lambda seconds: found.append(int(seconds)))
    monkeypatch.setattr(builtin_handlers, "time", sleeps)
    http.post(f"{url}/sandbox/faults", json={"fault": "rate-limited", "times": 1, "seconds": asked}).raise_for_status()
    slack = Slack(f"{url}/api/", TOKEN, CHANNEL)
    if not slept:
        with pytest.raises(Unavailable, match="ratelimited"):
            slack.post(said())
    assert slack.post(said())
    assert found == slept
