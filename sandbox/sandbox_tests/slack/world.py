"""A workspace on a loopback port, slack_sdk as its client, and a real little app that hears the presses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from liftgate_sandbox.slack import Slack
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

TOKEN = "xoxb-sandbox"
SECRET = "signing-secret"
CHANNEL = "C0PROMOTIONS"
ADA, GRACE = "U01ADA", "U02GRACE"


def button(action_id: str = "approve", **more: Any) -> dict[str, Any]:
    text = {"type": "plain_text", "text": action_id.title()}
    return {"type": "button", "action_id": action_id, "text": text, "value": f"value of {action_id}", **more}


def buttons(*action_ids: str) -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": "gate", "elements": [button(each) for each in action_ids]}]


@dataclass
class App:
    """Keeps what it was sent and whether slack_sdk's verifier believes it; answers `status` and `says`."""

    status: int = 200
    says: dict[str, Any] | None = None
    payloads: list[dict[str, Any]] = field(default_factory=list)
    believed: list[bool] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.believed.append(SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers)))
        self.payloads.append(json.loads(parse_qs(body.decode())["payload"][0]))
        answer = json.dumps(self.says) if self.says else ""
        await Response(answer, self.status, media_type="application/json")(scope, receive, send)


@dataclass
class World:
    """The workspace, where it listens, and the bot's client."""

    slack: Slack
    url: str
    client: WebClient

    def post(self, *action_ids: str, **more: Any) -> str:
        """A message of the bot; answers its ts."""
        blocks = buttons(*action_ids) if action_ids else None
        answer = self.client.chat_postMessage(channel=CHANNEL, text="Lift?", blocks=blocks, **more)
        return str(answer["ts"])
