"""The request of a run that changes an environment: the same for the flow, the server and recovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, field_validator

from liftgate.domain.common import plain
from liftgate.domain.common.value import Json, Value
from liftgate.domain.promotion.attempt import Kind
from liftgate.domain.promotion.take_over import FLOW
from liftgate.domain.secrets.masking import masked_text

_KINDS: Final[Mapping[str, Kind]] = {"update": "update", FLOW: "update", "rollback": "rollback"}
"""By flow. A commit that is taken over is an update: it changes one environment."""
LATEST: Final = "latest verified"
"""The release that a promotion takes if none is named."""


class RunRequest(Value):
    kind: Kind
    application: str
    environment: str
    release: str = LATEST
    """For a promotion."""
    allow_downgrade: bool = False
    """For a promotion: whether the release may be older than what the environment has."""
    changes: dict[str, Json] | None = None
    """For an update: JSON pointer to value."""
    remove: tuple[str, ...] = ()
    """For an update: JSON pointers of the values to remove."""
    file: str = ""
    """For an update: the name of the values file, where the application has several."""
    promotion: str = ""
    """For a rollback: the promotion to revert; empty for the newest."""
    back_to: str = ""
    """For a rollback: the promotion to go back to."""
    reason: Annotated[str, AfterValidator(masked_text)] = ""
    requested_by: str = ""
    """A name that is only claimed."""

    @field_validator("release")
    @classmethod
    def _release(cls, release: str) -> str:
        return release or LATEST

    @field_validator("promotion", "back_to")
    @classmethod
    def _id(cls, promotion: str) -> str:
        return promotion.strip()


def checked_request(request: RunRequest) -> RunRequest:
    """The same request. Raises Refused for control characters."""
    plain.check_plain(request.model_dump())
    return request


def as_stored(flow: str, parameters: Mapping[str, Json]) -> RunRequest:
    """Reads a run's parameters as Prefect stores them. They may be anything, so each one is read as text."""
    changes, remove = parameters.get("changes"), parameters.get("remove")

    def text(name: str, default: str = "") -> str:
        return str(parameters.get(name) or default)

    kind: Kind = _KINDS.get(flow, "promote")
    return RunRequest(
        kind=kind,
        application=text("application"),
        environment=text("to") or text("environment"),
        release=text("release", LATEST),
        allow_downgrade=kind == "promote" and parameters.get("allow_downgrade") is True,
        changes=(changes if isinstance(changes, dict) else {}) if kind == "update" else None,
        remove=tuple(map(str, remove)) if isinstance(remove, list) else (),
        file=text("file") if kind == "update" else "",
        promotion=text("promotion"),
        back_to=text("back_to"),
        reason=text("reason"),
        requested_by=text("requested_by"),
    )
