"""Artifacts of a run, for people to look at."""

from __future__ import annotations

from typing import Final

from prefect.artifacts import create_markdown_artifact

from liftgate.domain.installation import prefixed
from liftgate.domain.parameters import storable
from liftgate.domain.promotion import Promotion
from liftgate.services.beside import TRIES, beside
from liftgate.wiring import integrations

LIMIT: Final = 100_000
"""Characters of a table in an artifact."""


def show(key: str, markdown: str, description: str) -> None:
    """Made beside the run; after a few tries it is left out, with a line in the log."""
    own = prefixed(integrations().settings.prefect.name, key)
    beside(
        f"the artifact {key} is left out",
        lambda: create_markdown_artifact(key=own, markdown=storable(markdown), description=storable(description)),
        tries=TRIES,
    )


def artifact_key(kind: str, promotion: Promotion) -> str:
    """Prefect's keys allow lower-case letters, digits and dashes."""
    name = f"{kind}-{promotion.application}-{promotion.environment}".lower()
    return "".join(character if character.isalnum() else "-" for character in name)
