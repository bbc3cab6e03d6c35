"""Work that a run skips because the answer is known: unused certificates, and four requests.

Even without verification, Prefect reads all of the machine's certificates and ignores them, for each of the five or six
clients of a run: 0.03 s each, one after the other. Each run also requests the server's version, which the worker has
checked, and three times the block that stores results, although our flows store none.
"""

from __future__ import annotations

import importlib
import ssl
from types import ModuleType
from typing import Any

MODULES = ("prefect.client.orchestration", "prefect._internal.version_checking")
"""In both modules, a context without `cafile` verifies nothing."""

RESULTS = "prefect.results"
CHECKED = {"PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false"}
"""For a run: its worker has already compared its own version with the server's."""


def spare_storage() -> None:
    """In the zygote: skip the requests for the block that stores results."""
    results = importlib.import_module(RESULTS)
    setattr(results, "_read_server_default_result_storage_block_id", _none)  # noqa: B010 - as below
    setattr(results, "_aread_server_default_result_storage_block_id", _no_block)  # noqa: B010 - as below


def _none() -> None:
    """No block."""


async def _no_block() -> None:
    """No block."""


def spare_certificates() -> None:
    """In the zygote and in the worker: skip reading certificates. All other modules keep the real `ssl`."""
    own = ModuleType("ssl")
    vars(own).update(vars(ssl), create_default_context=_context)
    for name in MODULES:
        setattr(importlib.import_module(name), "ssl", own)  # noqa: B010 - mypy accepts no other form of a patch


def _context(*arguments: Any, **named: Any) -> ssl.SSLContext:
    if arguments or named:
        return ssl.create_default_context(*arguments, **named)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, with no trusted authority, until Prefect disables that
