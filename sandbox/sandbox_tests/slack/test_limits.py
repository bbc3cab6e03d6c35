"""Block Kit's limits: exactly at the limit is fine, one more is refused with the place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liftgate_sandbox.slack.limits import problems, view_problems
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, HeaderBlock, SectionBlock

from sandbox_tests.slack.world import button


def mrkdwn(length: int) -> dict[str, str]:
    return {"type": "mrkdwn", "text": "x" * length}


def plain(length: int) -> dict[str, str]:
    return {"type": "plain_text", "text": "x" * length}


def actions(**more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [button(**more)]}


CONFIRM = {"title": plain(100), "text": mrkdwn(300), "confirm": plain(30), "deny": plain(30)}
FIELDS = {"type": "section", "fields": [mrkdwn(2000)] * 10}
AT_THE_LIMIT = [
    {"type": "section", "text": mrkdwn(3000), "accessory": button("one")},
    FIELDS,
    {"type": "header", "text": plain(150)},
    {"type": "context", "elements": [mrkdwn(3000)] * 10},
    actions(action_id="x" * 255, value="x" * 2000, text=plain(75), style="danger", confirm=CONFIRM),
    {"type": "actions", "elements": [button(str(number)) for number in range(25)]},
    {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "x"},
    {"type": "divider", "block_id": "x" * 255},
]
BEYOND = [
    ({"type": "section", "text": mrkdwn(3001)}, "must be less than 3001 characters", "/blocks/0/text/text"),
    ({"type": "section"}, "missing required field: text", "/blocks/0"),
    ({"type": "section", "text": mrkdwn(0)}, "must be more than 0 characters", "/blocks/0/text/text"),
    ({"type": "section", "fields": [mrkdwn(1)] * 11}, "no more than 10 items allowed", "/blocks/0/fields"),
    (
        {"type": "section", "fields": [mrkdwn(2001)]},
        "must be less than 2001 characters",
        "/blocks/0/fields/0/text",
    ),
    ({"type": "header", "text": plain(151)}, "must be less than 151 characters", "/blocks/0/text/text"),
    ({"type": "header", "text": mrkdwn(1)}, "unsupported type: mrkdwn", "/blocks/0/text/type"),
    ({"type": "header"}, "missing required field", "/blocks/0/text"),
    ({"type": "context", "elements": []}, "no fewer than 1 items allowed", "/blocks/0/elements"),
    (actions(text=plain(76)), "must be less than 76 characters", "/blocks/0/elements/0/text/text"),
    (actions(value="x" * 2001), "must be less than 2001 characters", "/blocks/0/elements/0/value"),
    (
        actions(action_id="x" * 256, text=plain(1)),
        "must be less than 256 characters",
        "/blocks/0/elements/0/action_id",
    ),
    (actions(value=7), "must be a string", "/blocks/0/elements/0/value"),
    (actions(style="blue"), "must be one of primary, danger", "/blocks/0/elements/0/style"),
    (
        actions(confirm={**CONFIRM, "text": mrkdwn(301)}),
        "must be less than 301 characters",
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        {"type": "actions", "elements": [button()] * 2},
        "`action_id` approve already exists",
        "/blocks/0/elements",
    ),
    (
        {"type": "actions", "elements": [{"type": "lever"}]},
        "unsupported element type: lever",
        "/blocks/0/elements/0/type",
    ),
    ({"type": "marquee"}, "unsupported type: marquee", "/blocks/0/type"),
    ({"type": "image", "alt_text": "x"}, "missing required field: image_url", "/blocks/0"),
    ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters", "/blocks/0/block_id"),
]


def test_everything_at_its_limit_is_taken() -> None:
    assert problems(AT_THE_LIMIT) == []


@pytest.mark.parametrize(("block", "words", "pointer"), BEYOND)
def test_one_beyond_is_refused_with_the_place(block: dict[str, Any], words: str, pointer: str) -> None:
    assert problems([block]) == [f"{words} [json-pointer:{pointer}]"]


@pytest.mark.parametrize("blocks", ["text", {}, ["text"]])
def test_what_is_no_list_of_blocks_is_refused(blocks: Any) -> None:
    assert problems(blocks) == ["must be an array of blocks [json-pointer:/blocks]"]


def test_a_block_id_stands_for_one_block_only() -> None:
    assert problems([{"type": "divider", "block_id": "a"}] * 2) == [
        "`block_id` a already exists [json-pointer:/blocks]"
    ]


@given(st.integers(1, 60), st.integers(1, 3200), st.integers(1, 170), st.integers(1, 90), st.integers(1, 2100))
def test_slacks_own_models_agree(count: int, section: int, header: int, label: int, value: int) -> None:
    """slack_sdk refuses locally what Slack would: an independent reading of the same limits."""
    models = [
        SectionBlock(text={"type": "mrkdwn", "text": "x" * section}),
        HeaderBlock(text="x" * header),
        ActionsBlock(elements=[ButtonElement(text="x" * label, value="x" * value, action_id="a")]),
    ]
    fits = section <= 3000 and header <= 150 and label <= 75 and value <= 2000 and count <= 50
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": mrkdwn(section)},
        {"type": "header", "text": plain(header)},
        actions(text=plain(label), value="x" * value),
    ]

    try:
        for model in models:
            model.to_dict()
        taken_by_sdk = True
    except Exception:  # noqa: BLE001 - whatever it raises is a refusal
        taken_by_sdk = False

    assert (problems(blocks) == []) is taken_by_sdk
    assert (problems(blocks + [{"type": "divider"}] * max(0, count - 3)) == []) is fits


def test_a_modal_has_limits_too() -> None:
    modal = {"type": "modal", "title": plain(24), "submit": plain(24), "blocks": [{"type": "divider"}] * 100}
    wrong = {**modal, "type": "drawer", "title": plain(25), "private_metadata": "x" * 3001}

    assert view_problems(modal) == []
    assert len(view_problems(wrong)) == 3
    assert len(view_problems({"type": "modal", "blocks": []})) == 1
