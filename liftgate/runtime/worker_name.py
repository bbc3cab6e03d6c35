"""The name of a worker: its host, the host's boot and its own start, so that no two starts have the same name."""

from __future__ import annotations

import re
import socket
from typing import Final
from uuid import uuid4

from liftgate.runtime import record

_SHORT: Final = 8
_LONGEST_HOST: Final = 63
_ODD: Final = re.compile(r"[^A-Za-z0-9.-]+")
"""What Prefect does not take in a name, or takes for a path."""


def new_worker_name() -> str:
    """`HOST-BOOT-START`, such as `shop-1-3f2a9c01-b04d77e2`; where the kernel has no boot id, `HOST-START`."""
    host = _ODD.sub("-", socket.gethostname())[:_LONGEST_HOST].strip("-") or "host"
    return "-".join(part for part in (host, record.boot()[:_SHORT], uuid4().hex[:_SHORT]) if part)
