"""Prefect's forms offer the applications and environments that the repository has now."""

from __future__ import annotations

import logging
from typing import Final, Protocol

from liftgate.domain.runs.deployment import offered_applications, with_choices
from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.ports import HasBranch, HasClock, HasRuns

log = logging.getLogger(__name__)
FLOWS: Final = ("promote", "update", "rollback")
"""Those whose forms have an application and an environment."""
AGAIN: Final = 600.0
"""Seconds until the forms are read again: `liftgate deploy` from an old clone, or a person, may have changed them."""


class Ports(HasBranch, HasClock, HasRuns, Protocol):
    """What this use case needs."""


class Choices:
    """Prefect refuses a run for an application that its form does not offer, the nightly promotion's too."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._offered: tuple[object, ...] | None = None
        self._again = 0.0
        """When the forms are read again."""
        self._trouble = ""
        """Why they could not be offered, so that it is logged once."""

    def look(self) -> None:
        """Of the branch as it was fetched last. Asks Prefect only when the names changed, an earlier try failed, or the
        last look at the forms was long ago."""
        now = self._at.clock.monotonic()
        try:
            tree = self._at.latest
            names = (*tree.readable, *tree.nameless), tuple(tree.configuration.order)
            if names == self._offered and now < self._again:
                return
            trouble = self._offer_all(tree)
        except LiftgateError as error:
            trouble = str(error)
        else:
            self._offered, self._again = (None if trouble else names), now + AGAIN
        if trouble and self._trouble != trouble:
            log.warning("Prefect's forms may lack applications: %s", trouble)
        self._trouble = trouble

    def _offer_all(self, tree: ConfigSnapshot) -> str:
        """Why a form does not follow; one that Prefect lacks or refuses stops no other. Raises Unavailable."""
        wrong = list[str]()
        for flow in FLOWS:
            try:
                self._offer(flow, tree)
            except Unavailable:
                raise
            except LiftgateError as error:
                wrong.append(str(error))
        return "; ".join(dict.fromkeys(wrong))

    def _offer(self, flow: str, tree: ConfigSnapshot) -> None:
        form = self._at.runs.form(flow)
        # a file that tells no name may be of an application that the form has
        kept = offered_applications(form) if tree.nameless else ()
        wanted = with_choices(form, dict.fromkeys((*tree.readable, *kept)), tree.configuration.order)
        if wanted != form:
            self._at.runs.set_form(flow, wanted)
