"""One attempt to change an environment; its id is in the commit, the sync, Slack and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, Self, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from liftgate.domain.approval.requester import Requester
from liftgate.domain.argocd.sync_waves import SyncWaves
from liftgate.domain.common.value import Json, Value
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.take_over import HandMade

Kind = Literal["promote", "update", "rollback"]

PROPOSALS: Final = "liftgate/promotions/"
"""The prefix of the branches of proposed commits."""
PREVIEWS: Final = "liftgate/preview/"
"""The prefix of the branches of commits that Argo CD renders before they are pushed."""


def proposal_branch(promotion: str) -> str:
    """The branch of the proposed commit of this promotion, and of its pull request if there is one."""
    return f"{PROPOSALS}{promotion}"


def rollback_id(promotion: str) -> str:
    """The same id for every run, so a promotion is rolled back at most once."""
    return str(uuid5(NAMESPACE_URL, f"liftgate:rollback:{promotion}"))


class Attempt(Value):
    """What every attempt to change an environment has. An attempt that is refused at once may lack some of it."""

    id: str
    """The flow run's id: the same run always means the same attempt."""
    kind: Kind
    application: str
    environment: str
    argocd: SyncWaves
    """Its Argo CD Applications."""
    paths: tuple[str, ...]
    """The values files in the repository: those of the environment, and those that its release brings."""
    head: str
    """The commit of the branch from which this run reads the configuration and the values."""
    requester: Requester
    requested_at: datetime
    reason: str = ""
    previous: str = ""
    """The version that runs there now, for people; of a rollback, the version it restores."""
    revision: str = ""
    """Its commit on the branch, once it exists."""
    upstream: str = ""
    """The promotion (or nightly run) that started this one."""
    entry: Entry | None = None
    """The ledger's entry, once the attempt has ended."""

    @property
    def is_over(self) -> bool:
        return self.entry is not None

    @property
    def version(self) -> str:
        """The version of the release it brings; empty if it brings none."""
        return ""

    @property
    def release_name(self) -> str:
        """The version, or the start of the release's id; empty if it brings none."""
        return ""

    @property
    def message_of(self) -> str:
        """The run whose message informs people about this one."""
        return self.id

    @property
    def title(self) -> str:
        """`example-app 1.4.2 → prod`."""
        return f"{self.application} {self.release_name or self.kind} → {self.environment}"

    def committed(self, revision: str) -> Self:
        return self.copy_with(revision=revision)

    def over(self, entry: Entry) -> Self:
        return self.copy_with(entry=entry)


class _Gated(Attempt):
    """The plan that the gates decide on."""

    approved_by: tuple[str, ...] | None = None
    """The people whose votes opened the gate; None if this process did not see it open."""
    found: bool = False
    """Whether the revision is a person's own commit, which is only verified."""
    back: str = ""
    """Why it is rolled back, if that is already decided: a person cancelled it, or the revert has started."""

    @property
    def unchanged(self) -> str:
        """Why there is nothing to do or to record: the environment already has this release, verified."""
        return f"nothing to do: {self.release_name or self.previous or 'it'} is in {self.environment}, verified"

    def opened(self, revision: str, approved_by: tuple[str, ...]) -> Self:
        """The same attempt with its commit, after this process saw the gate open."""
        return self.copy_with(revision=revision, approved_by=approved_by)

    def at(self, head: str, previous: str) -> Self:
        """The same attempt at another commit of the branch, with `previous` as the version that runs there."""
        return self.copy_with(head=head, previous=previous)


class Promotion(_Gated):
    """An attempt to bring a release."""

    kind: Literal["promote"] = "promote"
    release: Release
    allow_downgrade: bool = False
    """Whether the request allows a release that is older than what the environment has."""

    @property
    def version(self) -> str:
        return self.release.version

    @property
    def release_name(self) -> str:
        return self.release.name


class Update(_Gated):
    """An attempt to set values in one environment."""

    kind: Literal["update"] = "update"
    changes: dict[str, Json]
    """JSON pointer to value."""
    remove: tuple[str, ...] = ()
    """JSON pointers of the values to remove."""
    file: str = ""
    """The name of the file to change, where the application has several."""


class TakeOver(_Gated):
    """A person's own commit that is on the branch already: it is synced, verified and recorded."""

    kind: Literal["update"] = "update"
    run: str
    """The flow run. `id` comes from the commit, so that every run of it means the same attempt."""
    by_hand: ByHand
    """As it was when this run began; the ledger's entry looks once more."""

    @property
    def hand(self) -> HandMade:
        return HandMade(application=self.application, environment=self.environment, commit=self.revision)

    @property
    def message_of(self) -> str:
        return self.run

    @property
    def title(self) -> str:
        """`example-app by hand → prod`."""
        return f"{self.application} by hand → {self.environment}"


GatedChange: TypeAlias = Promotion | Update | TakeOver
"""A change that has gates; a rollback has none."""


class Rollback(Attempt):
    """An attempt to restore verified values."""

    kind: Literal["rollback"] = "rollback"
    reverts: str = ""
    """The promotion it reverts, if it reverts only one."""
    undo: str = ""
    """That promotion's commit."""
    restores: str = ""
    """The promotion whose values it restores, if a person chose one."""
    took_back: tuple[str, ...] = ()
    """The later promotions that it also reverts, the newest first."""
    good: str = ""
    """The commit with the verified values, if the files are restored exactly."""
    by_hand: bool = False
    """Whether `undo` is a person's own commit: all changes of the files since the verified values go with it."""
    run: str = ""
    """The run of the promotion it reverts, where that has another id."""
    notice: str = ""
    """Which configuration it takes, while `liftgate.json` cannot be used."""

    @property
    def message_of(self) -> str:
        """The run of the promotion it reverts, whose message goes on."""
        return self.run or self.reverts or self.id

    @property
    def title(self) -> str:
        return f"{self.application} ↩ {self.previous or 'back'} in {self.environment}"
