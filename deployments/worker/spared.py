"""What a run is spared because the answer is known: certificates that verify nothing, and three questions.

Told not to verify, Prefect reads all of the machine's certificates and then ignores them, anew for each of the five or
six clients of a run: 0.03 s each, one after the other. And each run asks the server for its version, which the worker
has checked, and three times for the block in which results are stored, though no result of our flows is.
"""

from __future__ import annotations

import importlib
import ssl
from types import ModuleType
from typing import Any

MODULES = ("prefect.client.orchestration", "prefect._internal.version_checking")
"""In both, a context without `cafile` is one that verifies nothing."""

RESULTS = "prefect.results"
CHECKED = {"PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false"}
"""For a run: the worker that starts it has compared its own version with the server's."""


def spare_storage() -> None:
    """In the zygote: results have no block of their own on the server."""
    results = importlib.import_module(RESULTS)
    setattr(results, "_read_server_default_result_storage_block_id", _none)  # noqa: B010 - as below
    setattr(results, "_aread_server_default_result_storage_block_id", _no_block)  # noqa: B010 - as below


def _none() -> None:
    """No block."""


async def _no_block() -> None:
    """No block."""


def spare_certificates() -> None:
    """In the zygote and in the worker; every other module of the process keeps the real `ssl`."""
    own = ModuleType("ssl")
    vars(own).update(vars(ssl), create_default_context=_context)
    for name in MODULES:
        setattr(importlib.import_module(name), "ssl", own)  # noqa: B010 - mypy has no other word for a patch


def _context(*arguments: Any, **named: Any) -> ssl.SSLContext:
    if arguments or named:
        return ssl.create_default_context(*arguments, **named)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and trusts nobody, until Prefect turns that off
