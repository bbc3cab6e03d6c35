"""Artifacts of a run, for people to read."""

from __future__ import annotations

from prefect.artifacts import create_markdown_artifact

from liftgate.domain.common.installation import prefixed
from liftgate.domain.promotion.attempt import Attempt
from liftgate.domain.runs.parameters import storable
from liftgate.services.best_effort import TRIES, beside
from liftgate.wiring import integrations


def show(promotion: Attempt, kind: str, markdown: str, description: str) -> None:
    """Publish an artifact for the application and environment; it replaces the previous one of its kind."""
    publish(artifact_key(kind, promotion), markdown, description)


def publish(key: str, markdown: str, description: str) -> None:
    """Publish in the background; after a few failed tries, skip the artifact and log it."""
    own = prefixed(integrations().settings.prefect.name, key)
    beside(
        f"the artifact {key} is left out",
        lambda: create_markdown_artifact(key=own, markdown=storable(markdown), description=storable(description)),
        tries=TRIES,
    )


def artifact_key(kind: str, promotion: Attempt) -> str:
    """Prefect's keys may contain only lower-case letters, digits and dashes."""
    name = f"{kind}-{promotion.application}-{promotion.environment}".lower()
    return "".join(character if character.isalnum() else "-" for character in name)
