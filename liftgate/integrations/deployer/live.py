"""What a deployed application holds and says, read through the deployer: what verification needs of one."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain.common.value import Json, Value


class Held(Value):
    """A ConfigMap that should hold the file, as it is in the cluster."""

    name: str
    text: str | None
    """None when the object is not there, or has lost the file."""


class Line(Value):
    at: datetime
    pod: str
    text: str


class Chosen(Value):
    """Whose log; empty parts choose everything."""

    container: str = ""
    kind: str = ""
    name: str = ""


class Live(Protocol):
    """Applications go by the deployer's own name for them."""

    def held(self, application: str, file: str) -> tuple[Held, ...]:
        """Every ConfigMap that by Git should hold a file of that name."""

    def lines(self, application: str, age: float, chosen: Chosen) -> tuple[Line, ...]:
        """What its pods printed in the last so many seconds, oldest first; at most a few thousand lines a pod."""

    def may_read_logs(self, application: str) -> bool:
        """Whether `lines` would be answered."""

    def rendered(self, application: str) -> list[Json]:
        """The manifests that it is compared with; none where there is no such application."""

    def synced_at(self, application: str, revision: str) -> datetime | None:
        """When the operation that brought the commit began, by the cluster's clock; None when there was none."""
