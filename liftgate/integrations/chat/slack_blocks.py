"""A promotion's message in Block Kit, by slack_sdk's own classes, which know Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from liftgate.domain.common.plain import visible
from liftgate.domain.planning import diff
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.rendered import text as rendered_text

SECTION: Final = SectionBlock.text_max_length
_FIELD: Final = 2000
"""Of this limit slack_sdk knows only the words."""
_CALLED: Final = 50


def escaped(text: str) -> str:
    """What Slack reads as text only: no `<!channel>`, link or invisible character comes out of a value."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(announcement: Announcement) -> list[dict[str, Any]]:
    """Within Block Kit's limits, with every foreign text escaped."""
    return [block.to_dict() for block in _blocks(announcement)]


def _blocks(announcement: Announcement) -> list[Block]:
    made: list[Block] = [
        HeaderBlock(text=_plain(announcement.title, HeaderBlock.text_max_length)),
        _section(escaped(announcement.state)[:SECTION]),
    ]
    if announcement.calls:
        made.append(_section(" ".join(f"<@{each}>" for each in announcement.calls[:_CALLED])))
    if announcement.commands:
        made.append(_section(_fenced(announcement.commands)))
    if announcement.facts:
        made.append(SectionBlock(fields=_fields(announcement)))
    if announcement.plan:
        made.append(_section(diff.as_slack(announcement.plan, limit=SECTION - 100, url=announcement.url)))
    if announcement.cluster:
        made.append(_section(_cluster(announcement)))
    if announcement.vote_on:
        made.append(_buttons(announcement))
    if announcement.url:
        made.append(ContextBlock(elements=[_mrkdwn(f"<{announcement.url}|plan, gates and timeline>")]))
    return made


def _fields(announcement: Announcement) -> list[MarkdownTextObject]:
    facts = announcement.facts[: SectionBlock.fields_max_length]
    return [_mrkdwn(f"*{escaped(name)}*\n{escaped(value)}"[:_FIELD]) for name, value in facts]


def _cluster(announcement: Announcement) -> str:
    """With the link to the fields; the text is cut before the link, never within it."""
    link = f"\n<{announcement.url}|Every field>" if announcement.url else ""
    text = f"*{rendered_text.TITLE}*\n{escaped(announcement.cluster)}"
    return text[: SECTION - len(link)] + link


def _fenced(commands: Sequence[str]) -> str:
    """As they are to be copied."""
    text = escaped("\n".join(commands)).replace("`", "\u02cb")
    return f"```{text[: SECTION - 6]}```"


def _buttons(announcement: Announcement) -> Block:
    value = json.dumps({"promotion": announcement.promotion, "plan": announcement.vote_on, "shown": announcement.shown})
    confirm = ConfirmObject(
        title=_plain("Approve?"),
        text=_plain(announcement.title, ConfirmObject.text_max_length),
        confirm=_plain("Approve"),
        deny=_plain("Not yet"),
    )
    return ActionsBlock(
        block_id="decision",
        elements=[
            ButtonElement(action_id="approve", text=_plain("Approve"), value=value, style="primary", confirm=confirm),
            ButtonElement(action_id="reject", text=_plain("Reject"), value=value, style="danger"),
        ],
    )


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=_mrkdwn(text))


def _mrkdwn(text: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=text)


def _plain(text: str, limit: int = 75) -> PlainTextObject:
    return PlainTextObject(text=visible(text)[:limit])
