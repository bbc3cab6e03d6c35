"""The stream of applications: NDJSON, or server-sent events with comment lines against silence."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from liftgate_sandbox.argocd.api.applications import with_health
from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.api.errors import ApiError
from liftgate_sandbox.argocd.api.fields import only, without
from liftgate_sandbox.argocd.api.selectors import is_selected, selected
from liftgate_sandbox.argocd.kube import Object, copied
from liftgate_sandbox.argocd.state import Watcher

_LOOK_EVERY = 0.01
_REASONS = {16: "Unauthorized", 7: "Forbidden"}


class SilentStart(StreamingResponse):
    """Sends not even its headers before the first chunk is there: so does Argo CD."""

    async def stream_response(self, send: Send) -> None:
        """Wait for the first chunk, then send it and the rest as they come."""
        chunks = aiter(self.body_iterator)
        first = await anext(chunks, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": _bytes(first), "more_body": True})
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": _bytes(chunk), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _bytes(chunk: str | bytes | memoryview) -> bytes:
    return chunk.encode() if isinstance(chunk, str) else bytes(chunk)


def stream(call: Call) -> Response:
    """`GET /stream/applications`; silent for names that nobody may see."""
    events = call.request.headers.get("accept", "") == "text/event-stream"
    kind = "text/event-stream" if events else "application/json"
    watcher: Watcher = deque()
    with call.state.lock:
        if call.query("name") or not call.query("resourceVersion"):
            watcher.extend(("ADDED", copied(app)) for app in selected(call))
        call.state.watchers.append(watcher)
    return SilentStart(_chunks(call, watcher, events=events), headers={"content-type": kind})


def refused(call: Call, error: ApiError) -> Response:
    """An error before the first event: inside a stream, with the HTTP status."""
    status = _REASONS.get(error.code, "Bad Request")
    about = {"grpc_code": error.code, "http_code": error.status, "message": str(error), "http_status": status}
    events = call.request.headers.get("accept", "") == "text/event-stream"
    text = json.dumps({"error": about}, separators=(",", ":"))
    body = iter([f"data: {text} \n", "\n"] if events else [f"{text}\n"])
    kind = "text/event-stream" if events else "application/json"
    return StreamingResponse(body, status_code=error.status, headers={"content-type": kind})


async def _chunks(call: Call, watcher: Watcher, *, events: bool) -> AsyncIterator[str]:
    before: dict[str, str] = {}
    begun, quiet = False, 0.0
    try:
        while True:
            text = _next(call, watcher, before)
            if text:
                begun, quiet = True, 0.0
                yield f"data: {text} \n\n\n" if events else f"{text}\n"
                if call.controller.faults.take("stream-cut"):
                    return
                continue
            await asyncio.sleep(_LOOK_EVERY)
            quiet += _LOOK_EVERY
            if events and begun and quiet >= call.controller.timings.keep_alive:
                quiet = 0.0
                yield ":\n"
    finally:
        call.state.forget(watcher)


def _next(call: Call, watcher: Watcher, before: dict[str, str]) -> str:
    """The next event that is to be sent, as text; "" when there is none."""
    while watcher:
        kind, app = watcher.popleft()
        version = int(call.query("resourceVersion") or 0)
        if not is_selected(call, app) or (kind != "ADDED" and int(app["metadata"]["resourceVersion"]) < version):
            continue
        name = app["metadata"]["name"]
        event: Object = {"result": {"type": kind, "application": with_health(call, app)}}
        fields = call.query("fields")
        if fields:
            event = without(event, fields[1:].split(",")) if fields[0] == "-" else only(event, fields.split(","))
        text = json.dumps(event, separators=(",", ":"))
        if before.get(name) != text:
            before[name] = text
            return text
    return ""
