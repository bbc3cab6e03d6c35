"""Prefect's forms offer the applications and environments that the repository has now."""

from __future__ import annotations

import logging
from typing import Final, Protocol

from liftgate.domain.runs.deployment import with_choices
from liftgate.errors import LiftgateError
from liftgate.services.ports import HasBranch, HasRuns

log = logging.getLogger(__name__)
FLOWS: Final = ("promote", "update", "rollback")
"""Those whose forms have an application and an environment."""


class Ports(HasBranch, HasRuns, Protocol):
    """What this use case needs."""


class Choices:
    """Prefect refuses a run for an application that its form does not offer, the nightly promotion's too."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._offered: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._trouble = ""
        """Why they could not be offered, so that it is logged once."""

    def look(self) -> None:
        """Of the branch as it was fetched last. Asks Prefect only when the names changed, or an earlier try failed."""
        try:
            tree = self._at.latest
            names = (tuple(tree.applications), tuple(tree.configuration.order))
            if names != self._offered:
                self._offer(*names)
                self._offered, self._trouble = names, ""
        except LiftgateError as error:
            if self._trouble != str(error):
                self._trouble = str(error)
                log.warning("Prefect's forms may lack applications: %s", error)

    def _offer(self, applications: tuple[str, ...], environments: tuple[str, ...]) -> None:
        for flow in FLOWS:
            form = self._at.runs.form(flow)
            wanted = with_choices(form, applications, environments)
            if wanted != form:
                self._at.runs.set_form(flow, wanted)
