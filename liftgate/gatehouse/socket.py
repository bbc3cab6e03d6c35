"""Buttons in Slack without an address for Slack to reach: a WebSocket that the gatehouse opens itself (Socket Mode).

Nothing is signed there: what comes was fetched over TLS with the app's own token.
"""

from __future__ import annotations

import logging
from threading import Event
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from liftgate.gatehouse import slack
from liftgate.gatehouse.house import House

log = logging.getLogger(__name__)
_AGAIN: Final = (1, 2, 5, 15, 30)
"""Seconds between tries to connect; a connection once made is kept up by the client."""


class Socket:
    def __init__(self, house: House) -> None:
        self._house = house

    def run(self, stop: Event) -> None:
        """Until told to stop; without an app token there is nothing to do."""
        settings = self._house.at.settings.slack
        token = settings.app_token.get_secret_value()
        if not token:
            return
        client = SocketModeClient(token, web_client=WebClient(base_url=settings.url, timeout=10), logger=log)
        client.socket_mode_request_listeners.append(self.hear)
        try:
            self._connect(client, stop)
            stop.wait()
        finally:
            client.close()

    def hear(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged at once; what is sent again, because that was lost, is decided once."""
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        press = slack.press_of(request.payload) if request.type == "interactive" else None
        if press and self._house.presses.first(request.envelope_id):
            slack.take(self._house, press)

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
