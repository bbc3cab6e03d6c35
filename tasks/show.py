"""What is only for people to look at: worth a few tries, and never worth failing or delaying a promotion for."""

from __future__ import annotations

from prefect.artifacts import create_markdown_artifact

from liftgate.domain.installation import prefixed
from liftgate.domain.parameters import storable
from liftgate.services.notifications import _PAUSES, beside
from liftgate.wiring import integrations


def show(key: str, markdown: str, description: str) -> None:
    """An artifact of the run, made beside it; after a few tries it is left out, with a line in the log."""
    own = prefixed(integrations().settings.prefect.name, key)
    beside(
        f"the artifact {key} is left out",
        lambda: create_markdown_artifact(key=own, markdown=storable(markdown), description=storable(description)),
        tries=1 + len(_PAUSES),
    )
