"""Run the Liftgate server until a signal stops it."""

from __future__ import annotations

import logging
from typing import Any, Final

import uvicorn

from liftgate.server.app import application
from liftgate.server.protocol import LARGEST_HEADERS, Protocol
from liftgate.wiring import Integrations

OPTIONS: Final[dict[str, Any]] = {
    "http": Protocol,
    "ws": "none",
    "h11_max_incomplete_event_size": LARGEST_HEADERS,
    "limit_concurrency": 1000,  # above it a request gets 503 at once
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_config": None,
    "timeout_graceful_shutdown": 5,
}
"""With limits for what a client may take that has proven nothing: time, connections, and size of the headers."""


def serve(at: Integrations, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Ends at SIGTERM or SIGINT, after it answered the open requests.

    No header changes the peer's address: the server recognises the trusted proxy by it.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(application(at), host=host, port=port, **OPTIONS)
