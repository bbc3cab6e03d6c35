"""What the use cases may need, in small parts; each module's own `Ports` names the parts that it uses.

`wiring.Integrations` has them all; any object with these attributes will do. They are properties, so that an object
may have a narrower type there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from liftgate.domain.approval.pause import Pause
    from liftgate.domain.commits.signature import PrivateKey, SigningKey
    from liftgate.domain.config.limits import Limits
    from liftgate.domain.drift.record import Record
    from liftgate.domain.ledger.ledger import Entry
    from liftgate.integrations.chat import Chat
    from liftgate.integrations.clock import Clock
    from liftgate.integrations.deployer import Deployer, Overview
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.deployer.rendering import Renderer
    from liftgate.integrations.deployer.windows import SyncWindows
    from liftgate.integrations.forge import Forge
    from liftgate.integrations.git.config_snapshot import ConfigSnapshot
    from liftgate.integrations.git.mirror import Mirror
    from liftgate.integrations.git.repository import Author
    from liftgate.integrations.metrics import Metrics
    from liftgate.integrations.probe import Commands
    from liftgate.integrations.runs import Runs
    from liftgate.integrations.secrets import Secrets


class HasClock(Protocol):
    @property
    def clock(self) -> Clock: ...


class HasLimits(HasClock, Protocol):
    @property
    def limits(self) -> Limits: ...


class HasEntries(Protocol):
    def entries(self, application: str = "", environment: str = "") -> list[Entry]: ...


class HasBranch(HasEntries, Protocol):
    """The repository, and what its branches said at the last fetch."""

    def __hash__(self) -> int: ...

    @property
    def git(self) -> Mirror: ...

    @property
    def latest(self) -> ConfigSnapshot: ...

    def tree(self, commit: str) -> ConfigSnapshot: ...

    def pauses(self) -> list[Pause]: ...

    def pause(self, environment: str) -> Pause | None: ...


class HasAuthor(HasBranch, HasClock, Protocol):
    @property
    def author(self) -> Author: ...


class CanCommit(HasAuthor, Protocol):
    @property
    def worker_key(self) -> SigningKey: ...


class CanAttest(HasClock, Protocol):
    """Can sign what the server proved: requests and votes."""

    @property
    def server_key(self) -> PrivateKey: ...

    @property
    def server_author(self) -> Author: ...


class HasRuns(Protocol):
    @property
    def runs(self) -> Runs: ...


class HasForge(Protocol):
    @property
    def forge(self) -> Forge: ...


class HasDeployer(Protocol):
    @property
    def deployer(self) -> Deployer: ...

    @property
    def argocd_project(self) -> str: ...


class HasWindows(Protocol):
    @property
    def windows(self) -> SyncWindows: ...


class HasOverview(Protocol):
    @property
    def overview(self) -> Overview | None: ...


class HasRenderer(Protocol):
    @property
    def renderer(self) -> Renderer | None: ...


class HasChat(HasRuns, Protocol):
    """Includes the runs, because they keep the place of a message."""

    @property
    def chat(self) -> Chat: ...


class HasPages(Protocol):
    """Addresses that people follow."""

    def page(self, promotion: str) -> str: ...

    def address(self, path: str) -> str: ...

    def run_page(self, run: str) -> str: ...


class CanLook(Protocol):
    """What verification needs besides."""

    @property
    def live(self) -> Live | None: ...

    @property
    def metrics(self) -> Metrics | None: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def secrets(self) -> Secrets | None: ...


class HasDriftRecords(Protocol):
    def drifts(self) -> list[Record]: ...

    def unread(self) -> list[str]: ...
