"""Run the gatehouse until it is told to stop."""

from __future__ import annotations

import logging

import uvicorn

from liftgate.gatehouse.app import application
from liftgate.wiring import Integrations


def serve(at: Integrations, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Ends at SIGTERM or SIGINT, after the requests under way.

    No header changes the peer's address: the trusted proxy is known by it.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        application(at),
        host=host,
        port=port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
