"""What the use cases may need, in small parts; each module names in its own `Ports` those it uses.

`wiring.Integrations` has them all, and so has any plain object with such attributes. They are properties, so that an
object may have something narrower there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from liftgate.domain.drift_record import Record
    from liftgate.domain.ledger import Entry
    from liftgate.domain.limits import Limits
    from liftgate.domain.signature import PrivateKey
    from liftgate.domain.stop import Stop
    from liftgate.integrations.chat import Chat
    from liftgate.integrations.clock import Clock
    from liftgate.integrations.deployer import Deployer, Overview
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.deployer.rendering import Renderer
    from liftgate.integrations.deployer.windows import SyncWindows
    from liftgate.integrations.forge import Forge
    from liftgate.integrations.git.mirror import Mirror
    from liftgate.integrations.git.repository import Author
    from liftgate.integrations.git.tree import Tree
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


class HasBranch(Protocol):
    """The repository, and what its branches say as they were fetched last."""

    def __hash__(self) -> int: ...

    @property
    def git(self) -> Mirror: ...

    @property
    def latest(self) -> Tree: ...

    def tree(self, commit: str) -> Tree: ...

    def entries(self, application: str = "", environment: str = "") -> list[Entry]: ...

    def stop(self, environment: str) -> Stop | None: ...


class HasAuthor(HasBranch, HasClock, Protocol):
    @property
    def author(self) -> Author: ...


class CanCommit(HasAuthor, Protocol):
    @property
    def worker_key(self) -> PrivateKey: ...


class CanAttest(HasClock, Protocol):
    """Sign what the server proved: requests and votes."""

    @property
    def gatehouse_key(self) -> PrivateKey: ...

    @property
    def gatehouse_author(self) -> Author: ...


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
    """With the runs, which keep where a message is."""

    @property
    def chat(self) -> Chat: ...


class HasPages(Protocol):
    """Addresses that people follow."""

    def page(self, promotion: str) -> str: ...

    def address(self, path: str) -> str: ...

    def run_page(self, run: str) -> str: ...


class CanLook(Protocol):
    """What verification asks besides."""

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
