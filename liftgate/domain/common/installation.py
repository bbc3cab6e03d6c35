"""An installation of Liftgate has a name, so that several can share one Prefect server.

The installation's work pool has this name. The names of its deployments, the keys of its artifacts and the
idempotency keys of its runs start with it. It has no dash, so it ends at the first dash.
"""

from __future__ import annotations

import re
from typing import Final

DEFAULT: Final = "liftgate"
WANTED: Final = "must be lower-case letters and digits, start with a letter, and have at most 40 characters"
_NAME: Final = re.compile("[a-z][a-z0-9]{0,39}")


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def prefixed(installation: str, text: str) -> str:
    """The installation's own name for something that all users of the Prefect server share."""
    return f"{installation}-{text}"


def deployment(installation: str, flow: str) -> str:
    """`flow/deployment`, as Prefect finds it. The flow's name is the same in every installation."""
    return f"{flow}/{prefixed(installation, flow)}"
