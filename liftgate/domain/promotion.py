"""One attempt to bring a change into an environment; its id stands in the commit, the sync, Slack and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import NAMESPACE_URL, uuid5

from liftgate.domain.ledger import Entry
from liftgate.domain.release import Release
from liftgate.domain.value import Json, Value
from liftgate.domain.waves import Waves

Kind = Literal["promote", "update", "rollback"]

PROPOSALS: Final = "liftgate/promotions/"
"""What the branches of proposed commits begin with."""


def proposal_branch(promotion: str) -> str:
    """Of the commit that is proposed for this id; where policy delivers by pull request it is that one's."""
    return f"{PROPOSALS}{promotion}"


def rollback_id(promotion: str) -> str:
    """One promotion is rolled back at most once, by whatever run."""
    return str(uuid5(NAMESPACE_URL, f"liftgate:rollback:{promotion}"))


class Requester(Value):
    """Who asked, and how we know: a name typed into a form is only claimed."""

    name: str
    proof: Literal["gatehouse", "forge", "schedule", "automatic", "claimed"] = "claimed"

    @property
    def proven(self) -> bool:
        return self.proof != "claimed"

    def __str__(self) -> str:
        return self.name if self.proven else f"{self.name or 'unknown'} (claimed)"


AUTOMATIC: Final = Requester(name="Liftgate", proof="automatic")
"""Of a rollback that started by itself: no person asked for it."""


class Promotion(Value):
    id: str
    """The flow run's id: the same run always means the same promotion."""
    kind: Kind
    application: str
    environment: str
    argocd: Waves
    """Its Argo CD Applications."""
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
    approved_by: tuple[str, ...] | None = None
    """Whose votes opened the gate; None where this process did not see it open."""
    upstream: str = ""
    """The promotion (or nightly run) that started this one."""
    entry: Entry | None = None
    """The ledger's entry, once it is over."""
    reverts: str = ""
    """Of a rollback: the promotion it takes back."""
    undo: str = ""
    """Of a rollback: that promotion's commit."""
    restores: str = ""
    """Of a rollback to a chosen promotion: that one."""
    took_back: tuple[str, ...] = ()
    """The promotions that go with it, the newest first."""
    good: str = ""
    """Of a rollback: the commit with the values that were verified, for where they come back as they were."""
    found: bool = False
    """Whether the revision is a person's own commit that is only verified."""
    back: str = ""
    """Why it is being rolled back, when that is decided already: somebody cancelled it, or the revert was begun."""

    @property
    def is_over(self) -> bool:
        return self.entry is not None

    @property
    def version(self) -> str:
        return self.release.version if self.release else ""

    def committed(self, revision: str, approved_by: tuple[str, ...] | None = None) -> Promotion:
        return self.model_copy(update={"revision": revision, "approved_by": approved_by})

    def over(self, entry: Entry) -> Promotion:
        return self.model_copy(update={"entry": entry})

    @property
    def title(self) -> str:
        """`example-app 1.4.2 → prod`."""
        if self.kind == "rollback":
            return f"{self.application} ↩ {self.previous or 'back'} in {self.environment}"
        return f"{self.application} {self.version or 'update'} → {self.environment}"
