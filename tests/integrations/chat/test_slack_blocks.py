"""What is sent to Slack, block by block: within Slack's limits, whatever a title or a value is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.json_text.edit import Edit
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.plan_value import FilePlan
from liftgate.domain.planning.row import Row
from liftgate.domain.promotion.announcement import Announcement
from liftgate.integrations.chat.slack_blocks import blocks

CASES: dict[str, Any] = json.loads(Path("tests/cases/slack/blocks.json").read_text())
URL = "http://127.0.0.1/promotions/one"
LONG = "a & b <!channel> `c` " * 300


def plan(rows: int = 1) -> Plan:
    listed = tuple(
        Row(pointer=f"/application/key{n}", kind="replace", before="1", after="2 <!channel> & `x`") for n in range(rows)
    )
    edits = (Edit(op="replace", pointer="/application/key0", value=2, before=1),)
    return Plan(
        application="example-app", environment="prod", policy_hash="h", rows=listed,
        files=(FilePlan(path="p", blob="b", edits=edits),),
    )  # fmt: skip


def said(**changes: Any) -> Announcement:
    return Announcement(promotion="one", title="example-app 1.4.2 → prod", state="waits <!here>").copy_with(**changes)


ANNOUNCEMENTS: dict[str, Announcement] = {
    "plain": said(),
    "to be decided": said(
        facts=(("requested by", "ada & <grace>"), ("reason", "")),
        plan=plan(1),
        cluster="2 objects change: ConfigMap/config, Deployment/<!channel>",
        vote_on="sha256:abc",
        url=URL,
    ),
    "calls": said(calls=("U01ADA", "U02GRACE"), commands=("git push ``` <!here>", "git fetch"), url=URL),
    "without an address": said(cluster="1 object changes", plan=plan(2), vote_on="sha256:abc"),
    "too long everywhere": said(
        title=LONG,
        state=LONG,
        facts=tuple((f"fact {n}", LONG) for n in range(12)),
        calls=("U01ADA",) * 60,
        commands=(LONG, "git push"),
        plan=plan(500),
        cluster=LONG,
        vote_on="sha256:abc",
        url=URL,
    ),
}


@pytest.mark.parametrize("name", ANNOUNCEMENTS)
def test_a_message_is_sent_as_it_always_was(name: str) -> None:
    assert blocks(ANNOUNCEMENTS[name]) == CASES[name]


TEXT = st.text(max_size=40) | st.integers(0, 400).map(lambda n: "&<`" * n)


@given(title=TEXT, state=TEXT, fact=TEXT, command=TEXT, cluster=TEXT, count=st.integers(0, 14))
def test_no_text_is_too_long_too_many_or_too_short_for_slack(  # the classes of slack_sdk refuse what Slack would
    title: str, state: str, fact: str, command: str, cluster: str, count: int
) -> None:
    facts = ((fact, fact),) * count
    made = blocks(said(title=title, state=state, facts=facts, commands=(command,) * count, cluster=cluster))
    assert [block["type"] for block in made][:2] == ["header", "section"]
