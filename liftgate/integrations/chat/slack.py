"""Slack's Web API through slack_sdk (docs.slack.dev/reference/methods, Block Kit limits)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from http.client import HTTPException
from itertools import chain, islice
from typing import Any, Final, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.http_retry.response import HttpResponse

from liftgate.domain.approval.policy import Person
from liftgate.domain.promotion.announcement import Announcement, Place
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.chat.slack_blocks import SECTION, blocks, escaped

EVENT = "liftgate_promotion"
"""Metadata type by which a message is found again."""
LONGEST: Final = 30
"""Seconds; a Slack that asks to wait longer is unavailable."""
_PAGES: Final = 20
"""In which a message is looked for: of a busy channel 4,000 messages."""
_GONE: Final = "message_not_found"
"""Slack's error code where a person deleted the message."""
_ID: Final = re.compile(r"[UW][A-Z0-9]{2,20}")
_T = TypeVar("_T")


class Slack:
    def __init__(self, url: str, token: str, channel: str, page: int = 200) -> None:
        """`page`: messages that are read at once."""
        # No retry on connection errors: chat.postMessage has no idempotency key, so that would post twice.
        handlers: list[RetryHandler] = [_Briefly(max_retry_count=2)]
        self._web = WebClient(token=token, base_url=url, timeout=10, retry_handlers=handlers)
        self._to, self._page = channel, page

    @property
    def _channel(self) -> str:
        if not self._to:
            raise Misconfigured("Slack has a token but no channel: set LIFTGATE_SLACK__CHANNEL to its id (C…)")
        return self._to

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

    def update(self, place: Place, announcement: Announcement) -> bool:
        said, shown = _text(announcement), blocks(announcement)
        return _ask(lambda: self._updated(place, said, shown))

    def _updated(self, place: Place, text: str, shown: Sequence[dict[str, Any]]) -> bool:
        try:
            self._web.chat_update(channel=place.channel, ts=place.ts, text=text, blocks=shown)
        except SlackApiError as error:
            if error.response and error.response.get("error") == _GONE:
                return False
            raise
        return True

    def reply(self, place: Place, text: str) -> None:
        line = escaped(text)[:SECTION]
        _ask(lambda: self._web.chat_postMessage(channel=place.channel, thread_ts=place.ts, text=line))

    def find(self, promotion: str, since: datetime) -> Place | None:
        return _ask(lambda: self._find(promotion, since))

    def _find(self, promotion: str, since: datetime) -> Place | None:
        answer = self._web.conversations_history(
            channel=self._channel, oldest=str(since.timestamp()), limit=self._page, include_all_metadata=True
        )
        pages = islice(answer, _PAGES)
        for message in chain.from_iterable(page["messages"] for page in pages):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("promotion") == promotion:
                return Place(channel=self._channel, ts=str(message["ts"]))
        return None

    def workspace(self) -> str:
        return str(_ask(self._web.auth_test)["team_id"])

    def account(self, person: Person) -> str:
        return account(person)


class _Briefly(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks, if that is short: a run, or recovery, would stand still meanwhile."""

    def _can_retry(self, *, response: HttpResponse | None = None, **others: Any) -> bool:
        if response is None or not super()._can_retry(response=response, **others):
            return False
        named = {name.lower(): values for name, values in response.headers.items()}
        asked = named["retry-after"][0] if named.get("retry-after") else "1"
        return asked.isdecimal() and int(asked) <= LONGEST


def account(person: Person) -> str:
    """The person's id. What is none (`!channel`, say) would be read as something else within a message."""
    written = person.account("slack")
    return written if _ID.fullmatch(written) else ""


def _text(announcement: Announcement) -> str:
    """What a notification shows, and what a screen reader reads."""
    return escaped(f"{announcement.title}: {announcement.state}")


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
    except (SlackClientError, HTTPException, OSError, ValueError, RecursionError) as error:
        raise Unavailable(f"Slack is not reachable: {type(error).__name__}") from None
