"""What was said in the lab's channel."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.town import BOT_TOKEN, CHANNEL
from sandbox_tests.plain import http

from tests.lab import Lab


def messages(lab: Lab) -> list[Any]:
    """The channel's, newest first."""
    url = f"{lab.town.urls['slack']}/api/conversations.history"
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    answer = http.post(url, data={"channel": CHANNEL, "limit": 100}, headers=headers)
    found: list[Any] = answer.json()["messages"]
    return found
