"""One attempt to bring a change into an environment; its id stands in the commit, the sync, Slack and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from liftgate.domain.ledger import Entry
from liftgate.domain.release import Release
from liftgate.domain.value import Json, Value

Kind = Literal["promote", "update", "rollback"]


class Requester(Value):
    """Who asked, and how we know: a name typed into a form is only claimed."""

    name: str
    proof: Literal["gatehouse", "forge", "schedule", "claimed"] = "claimed"

    @property
    def proven(self) -> bool:
        return self.proof != "claimed"

    def __str__(self) -> str:
        return self.name if self.proven else f"{self.name or 'somebody'} (claimed)"


class Promotion(Value):
    id: str
    """The flow run's id: the same run always means the same promotion."""
    kind: Kind
    application: str
    environment: str
    argocd: str
    """Name of the Argo CD Application."""
    path: str
    """The values file in the repository."""
    head: str
    """Commit of the branch at which this run looked; configuration and values are read there."""
    requester: Requester
    requested_at: datetime
    reason: str = ""
    release: Release | None = None
    """What a promote brings; None for an update."""
    changes: dict[str, Json] | None = None
    """What an update sets: JSON pointer to value."""
    previous: str = ""
    """Version that runs there now, for people."""
    revision: str = ""
    """The promotion's commit on the branch, once it exists."""
    entry: Entry | None = None
    """The ledger's entry, once it is over."""

    @property
    def is_over(self) -> bool:
        return self.entry is not None

    @property
    def version(self) -> str:
        return self.release.version if self.release else ""

    @property
    def title(self) -> str:
        """`example-app 1.4.2 → prod`."""
        what = self.version or ("update" if self.kind == "update" else "")
        return f"{self.application} {what} → {self.environment}"
