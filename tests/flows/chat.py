"""What was said in the lab's channel."""

from __future__ import annotations

from typing import Any

from liftgate.sandbox.town import BOT_TOKEN, CHANNEL
from tests.lab import Lab
from tests.plain import http


def messages(lab: Lab) -> list[Any]:
    """The channel's, newest first."""
    url = f"{lab.town.urls['slack']}/api/conversations.history"
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    answer = http.post(url, data={"channel": CHANNEL, "limit": 100}, headers=headers)
    found: list[Any] = answer.json()["messages"]
    return found
