"""Who requested something, and how we know."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import field_validator

from liftgate.domain.common.value import Value


class Requester(Value):
    """Who requested it, and how we know: a name typed into a form is only claimed."""

    name: str
    proof: Literal["server", "forge", "schedule", "automatic", "claimed"] = "claimed"

    @field_validator("proof", mode="before")
    @classmethod
    def _renamed(cls, proof: object) -> object:
        """Older entries of the ledger name the server `gatehouse`."""
        return "server" if proof == "gatehouse" else proof

    @property
    def proven(self) -> bool:
        return self.proof != "claimed"

    def __str__(self) -> str:
        return self.name if self.proven else f"{self.name or 'unknown'} (claimed)"


AUTOMATIC: Final = Requester(name="Liftgate", proof="automatic")
"""The requester of a rollback that started automatically."""


class Origin(Value):
    """Where a run comes from."""

    requester: Requester
    before: str = ""
    """The run that started it, as the worker says; empty if a person or the schedule started it."""
