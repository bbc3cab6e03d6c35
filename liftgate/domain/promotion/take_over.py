"""A change that a person made by hand, as a promotion: the id that its commit gives, and how a run asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from liftgate.domain.common.value import Json, Value

FLOW: Final = "take-over"


class HandMade(Value):
    """The newest commit that changed the values of one application in one environment, by a person."""

    application: str
    environment: str
    commit: str

    @property
    def promotion(self) -> str:
        """The same id for every server and every run, so that a commit is taken over once."""
        return str(uuid5(NAMESPACE_URL, f"liftgate:take-over:{self.commit}:{self.application}:{self.environment}"))

    @property
    def place(self) -> tuple[str, str]:
        return self.application, self.environment


def hand_made_of(parameters: Mapping[str, Json]) -> HandMade:
    """Reads a run's parameters as Prefect stores them; they may be anything."""
    names = ("application", "environment", "commit")
    return HandMade.model_validate({name: str(parameters.get(name) or "") for name in names})


def promotion_of(flow: str, run: str, parameters: Mapping[str, Json]) -> str:
    """The id of the promotion that a run carries out: the run's own, except for a commit that is taken over."""
    return hand_made_of(parameters).promotion if flow == FLOW else run
