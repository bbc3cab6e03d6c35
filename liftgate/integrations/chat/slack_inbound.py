"""What Slack sends to Liftgate: whether a POST is Slack's own, and buttons over a socket that Liftgate opens itself.

Nothing is signed on the socket (Socket Mode): what comes was fetched over TLS with the app's own token, and Slack needs
no address that it can reach.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

log = logging.getLogger(__name__)
_AGAIN: Final = (1, 2, 5, 15, 30)
"""Seconds between tries to connect; a connection once made is kept up by the client."""

Hears = Callable[[str, dict[str, Any]], None]
"""Takes the id of what was delivered, the same when it is delivered again, and the payload."""


def is_signed(secret: str, body: bytes, timestamp: str, signature: str) -> bool:
    """Whether Slack signed the body with the app's secret. The verifier raises on hostile input: a no as well."""
    try:
        return bool(secret) and SignatureVerifier(secret).is_valid(body, timestamp, signature)
    except Exception:  # noqa: BLE001  malformed numbers, letters outside ASCII, bytes that are no text
        return False


class Socket:
    """The app's connection to Slack; without a token there is nothing to do."""

    def __init__(self, token: str, url: str, hears: Hears) -> None:
        self._token, self._url, self._hears = token, url, hears

    def run(self, stop: Event) -> None:
        """Until told to stop."""
        if not self._token:
            return
        client = SocketModeClient(self._token, web_client=WebClient(base_url=self._url, timeout=10), logger=log)
        client.socket_mode_request_listeners.append(self._take)
        try:
            self._connect(client, stop)
            stop.wait()
        finally:
            client.close()

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged at once; what is sent again, because that was lost, has the same id."""
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.type == "interactive":
            self._hears(request.envelope_id, request.payload)

    def _connect(self, client: SocketModeClient, stop: Event) -> None:
        tries = 0
        while not stop.is_set():
            try:
                client.connect()
            except (SlackClientError, OSError) as error:
                log.warning("Slack's socket could not be opened: %s", _why(error))
                stop.wait(_AGAIN[min(tries, len(_AGAIN) - 1)])
                tries += 1
            else:
                return


def _why(error: Exception) -> str:
    """By Slack's own word where it said one: the whole answer is nothing for a log."""
    answer = getattr(error, "response", None)
    said = answer.get("error") if answer is not None and hasattr(answer, "get") else ""
    return f"{said}; look at LIFTGATE_SLACK__APP_TOKEN" if said else type(error).__name__
