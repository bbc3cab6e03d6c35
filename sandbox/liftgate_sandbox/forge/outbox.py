"""Signed webhooks, delivered from a background thread: a receiver that fails changes nothing here."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import queue
import threading
import uuid
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx

from liftgate_sandbox.certificates import post
from liftgate_sandbox.forge.model import Hook

PATIENCE = 10.0
CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class Delivery(NamedTuple):
    """One event on its way to one receiver."""

    hook: Hook
    event: str
    body: bytes


class Outbox:
    """Delivers in order, once each, as GitHub does: no second try."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Delivery | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, hooks: tuple[Hook, ...], event: str, payload: dict[str, Any]) -> None:
        """Queue the event for every hook that listens to it."""
        text = json.dumps(payload)
        for hook in hooks:
            if is_heard((hook,), event):
                body = urlencode({"payload": text}) if hook.content_type == "form" else text
                self._start()
                self._waiting.put(Delivery(hook, event, body.encode()))

    def close(self) -> None:
        """Deliver what waits, then end."""
        if self._thread:
            self._waiting.put(None)
            self._thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="forge webhooks", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while delivery := self._waiting.get():
            with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL):
                post(delivery.hook.url, delivery.body, headers(delivery), PATIENCE)


def is_heard(hooks: tuple[Hook, ...], event: str) -> bool:
    """Whether one of them listens to it: what no one hears needs no payload, which takes many git processes."""
    return any(event in hook.events or "*" in hook.events for hook in hooks)


def headers(delivery: Delivery) -> dict[str, str]:
    signature = hmac.new(delivery.hook.secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return {
        "content-type": CONTENT_TYPES[delivery.hook.content_type],
        "user-agent": "GitHub-Hookshot/sandbox",
        "x-github-event": delivery.event,
        "x-github-delivery": str(uuid.uuid4()),
        "x-github-hook-id": str(delivery.hook.id),
        "x-hub-signature-256": f"sha256={signature}",
    }
