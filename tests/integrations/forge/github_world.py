"""The sandbox's forge as GitHub, asked by our client and by people."""

from __future__ import annotations

from typing import Any

from sandbox_tests.plain import http

from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from tests.integrations.conftest import Hosted

BOT = "liftgate-bot"


def made(hosted: Hosted, **more: Any) -> GitHub:
    given = {"url": f"{hosted.url}/api/v3", "repository": "shop/config", "token": hosted.tokens[BOT]}
    return GitHub(Access(**given | more))


def calls(hosted: Hosted) -> int:
    """How many calls of the bot cost something of its rate limit."""
    return hosted.forge.core.used[BOT]


def ask(hosted: Hosted, who: str, method: str, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {hosted.tokens[who]}"}
    url = f"{hosted.url}/api/v3/repos/shop/config{path}"
    return http.request(method, url, json=body, headers=headers).raise_for_status().json()


def check(hosted: Hosted, sha: str, name: str, **state: str) -> None:
    hosted.forge.add_check("shop/config", sha, name, **state)
