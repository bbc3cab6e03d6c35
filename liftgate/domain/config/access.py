"""What a person may do in the engine that runs the flows: read, start runs of Liftgate's flows, or operate it."""

from __future__ import annotations

from typing import Final, Literal

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.config.people import Who

Access = Literal["read", "start", "operate"]
ORDER: Final[tuple[Access, ...]] = ("read", "start", "operate")
"""From the weakest to the strongest."""


def denial(configuration: Configuration, who: Who, access: Access) -> str:
    """Why this person may not do it; empty when they may."""
    if access == "read":
        return ""
    if not who.known:
        return f"{who.name} is not in people of liftgate.json and may only read"
    if access == "operate" and who.name not in configuration.operators:
        return f"only operators may do this in Prefect, and {who.name} is not in operators of liftgate.json"
    return ""


def strongest(found: set[Access]) -> Access | None:
    """None when there is none."""
    return max(found, key=ORDER.index, default=None)
