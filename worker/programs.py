"""The programs that a worker can run: the flows of its own installation, by the name that Prefect has for them.

Prefect says which of them to run and when. It never says where a program is: its entrypoints, pull steps, commands and
job variables are compared with what Liftgate registers, and not used.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prefect import Flow

FLOWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: f"flows.{name.replace('-', '_')}.{name.replace('-', '_')}"
        for name in ("promote", "update", "rollback", "nightly", "take-over")
    }
)
"""By flow name: the module and the function."""


def installed(name: str, flows: Mapping[str, str]) -> Flow[..., Any]:
    """The flow of that name, from this installation."""
    module, _, function = flows[name].rpartition(".")
    found: Flow[..., Any] = getattr(importlib.import_module(module), function)
    return found
