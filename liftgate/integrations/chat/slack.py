"""Slack's Web API through slack_sdk (docs.slack.dev/reference/methods, Block Kit limits)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.http_retry.handler import RetryHandler

from liftgate.domain import diff, rendered_text
from liftgate.domain.announcement import Announcement, Place
from liftgate.errors import Misconfigured, Unavailable

EVENT = "liftgate_promotion"
"""Metadata type by which a message is found again."""
_SECTION, _HEADER = 3000, 150
_T = TypeVar("_T")


class Slack:
    def __init__(self, url: str, token: str, channel: str) -> None:
        if not channel:
            raise Misconfigured("Slack has a token but no channel: set LIFTGATE_SLACK__CHANNEL to its id (C…)")
        # No retry on connection errors: chat.postMessage has no idempotency key, so that would post twice.
        handlers: list[RetryHandler] = [RateLimitErrorRetryHandler(max_retry_count=2)]
        self._web = WebClient(token=token, base_url=url, timeout=10, retry_handlers=handlers)
        self._channel = channel

    def post(self, announcement: Announcement) -> Place | None:
        metadata = {"event_type": EVENT, "event_payload": {"promotion": announcement.promotion}}
        answer = _ask(
            lambda: self._web.chat_postMessage(
                channel=self._channel,
                text=_text(announcement),
                blocks=blocks(announcement),
                metadata=metadata,
                unfurl_links=False,
            )
        )
        return Place(channel=str(answer["channel"]), ts=str(answer["ts"]))

    def update(self, place: Place, announcement: Announcement) -> None:
        _ask(
            lambda: self._web.chat_update(
                channel=place.channel, ts=place.ts, text=_text(announcement), blocks=blocks(announcement)
            )
        )

    def reply(self, place: Place, text: str) -> None:
        line = escaped(text)[:_SECTION]
        _ask(lambda: self._web.chat_postMessage(channel=place.channel, thread_ts=place.ts, text=line))

    def find(self, promotion: str, since: datetime) -> Place | None:
        answer = _ask(
            lambda: self._web.conversations_history(
                channel=self._channel,
                oldest=str(since.timestamp()),
                limit=200,
                include_all_metadata=True,
            )
        )
        for message in answer["messages"]:
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("promotion") == promotion:
                return Place(channel=self._channel, ts=str(message["ts"]))
        return None


def escaped(text: str) -> str:
    """What Slack reads as text only: no `<!channel>` or link comes out of a value."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(announcement: Announcement) -> str:
    """What a notification shows, and what a screen reader reads."""
    return escaped(f"{announcement.title}: {announcement.state}")


def blocks(announcement: Announcement) -> list[dict[str, Any]]:
    """Within Block Kit's limits, with every foreign text escaped."""
    fields = [_mrkdwn(f"*{name}*\n{escaped(value)}"[:2000]) for name, value in announcement.facts]
    made: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": announcement.title[:_HEADER]}},
        {"type": "section", "text": _mrkdwn(escaped(announcement.state)[:_SECTION])},
    ]
    if announcement.calls:
        made.append({"type": "section", "text": _mrkdwn(" ".join(f"<@{each}>" for each in announcement.calls[:50]))})
    if announcement.commands:
        made.append({"type": "section", "text": _mrkdwn(_fenced(announcement.commands))})
    if fields:
        made.append({"type": "section", "fields": fields[:10]})
    if announcement.plan:
        shown = diff.as_slack(announcement.plan, limit=_SECTION - 100, url=announcement.url)
        made.append({"type": "section", "text": _mrkdwn(shown)})
    if announcement.cluster:
        made.append({"type": "section", "text": _mrkdwn(_cluster(announcement))})
    if announcement.vote_on:
        made.append(_buttons(announcement))
    if announcement.url:
        made.append({"type": "context", "elements": [_mrkdwn(f"<{announcement.url}|plan, gates and timeline>")]})
    return made


def _cluster(announcement: Announcement) -> str:
    """With the link to the fields; the text is cut before the link, never within it."""
    link = f"\n<{announcement.url}|Every field>" if announcement.url else ""
    text = f"*{rendered_text.TITLE}*\n{escaped(announcement.cluster)}"
    return text[: _SECTION - len(link)] + link


def _fenced(commands: Sequence[str]) -> str:
    """As they are to be copied."""
    text = escaped("\n".join(commands)).replace("`", "\u02cb")
    return f"```{text[: _SECTION - 6]}```"


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _buttons(announcement: Announcement) -> dict[str, Any]:
    value = json.dumps({"promotion": announcement.promotion, "plan": announcement.vote_on})
    confirm = {
        "title": {"type": "plain_text", "text": "Approve?"},
        "text": {"type": "plain_text", "text": announcement.title[:300]},
        "confirm": {"type": "plain_text", "text": "Approve"},
        "deny": {"type": "plain_text", "text": "Not yet"},
    }
    return {
        "type": "actions",
        "block_id": "decision",
        "elements": [
            _button("approve", "Approve", value) | {"style": "primary", "confirm": confirm},
            _button("refuse", "Refuse", value) | {"style": "danger"},
        ],
    }


def _button(action: str, text: str, value: str) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": text},
        "value": value,
    }


def _ask(call: Callable[[], _T]) -> _T:
    try:
        return call()
    except SlackApiError as error:
        said = str(error.response.get("error", "")) if error.response else ""
        if error.response is not None and error.response.status_code in (429, 500, 502, 503, 504):
            raise Unavailable(f"Slack: {said or error.response.status_code}") from None
        raise Misconfigured(
            f"Slack refused the message: {said}; look at LIFTGATE_SLACK__BOT_TOKEN and LIFTGATE_SLACK__CHANNEL"
        ) from None
    except (SlackClientError, OSError, ValueError, RecursionError) as error:
        raise Unavailable(f"Slack is not reachable: {type(error).__name__}") from None
