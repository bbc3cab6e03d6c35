"""Turns settings into integrations: the only module that knows both. It creates each one on first use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from liftgate import settings as configured
from liftgate.domain.approval.pause import Pause, holding
from liftgate.domain.argocd.sync_assessment import Patience
from liftgate.domain.common.names import is_ssh
from liftgate.domain.config.limits import Limits
from liftgate.domain.drift.record import Record
from liftgate.domain.ledger.ledger import Entry, entries_of
from liftgate.errors import Misconfigured
from liftgate.integrations import products
from liftgate.integrations.clock import Clock, SystemClock
from liftgate.integrations.git.repository import Author
from liftgate.integrations.keys import read_key
from liftgate.integrations.products import Product
from liftgate.product_arguments import GIVEN, access_to_forge
from liftgate.settings import Settings

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey, SigningKey
    from liftgate.integrations.chat import Chat
    from liftgate.integrations.deployer import Deployer, Overview
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.deployer.rendering import Renderer
    from liftgate.integrations.deployer.windows import SyncWindows
    from liftgate.integrations.forge import Forge
    from liftgate.integrations.git.config_snapshot import ConfigSnapshot
    from liftgate.integrations.git.mirror import Mirror
    from liftgate.integrations.identity import Identity
    from liftgate.integrations.metrics import Metrics
    from liftgate.integrations.probe import Commands
    from liftgate.integrations.replay.database import Database
    from liftgate.integrations.runs import Runs
    from liftgate.integrations.runs.forwarder import Forwarder
    from liftgate.integrations.secrets import Secrets
    from liftgate.integrations.signing import KeyHolder

Role = TypeVar("Role")


class Integrations:
    """One product for each role, chosen by the settings. Modules are imported on first use, to keep the CLI fast."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        products.find_product(products.FORGES, settings.forge.kind, "LIFTGATE_FORGE__KIND")

    def _chosen(self, listed: Mapping[str, Product[Role]], **more: Any) -> Role | None:
        """The first product of the role that the settings configure."""
        for name, product in listed.items():
            if (given := GIVEN[name](self.settings)) is not None:
                return product.made(**given, **more)
        return None

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def key_holder(self) -> KeyHolder | None:
        """The worker's signer process; None where this process itself has the key and the token."""
        from liftgate.integrations.signing.client import inherited_holder

        return inherited_holder()

    @cached_property
    def git(self) -> Mirror:
        from liftgate.integrations.git.mirror import Mirror
        from liftgate.integrations.git.process import SignIn, sign_in
        from liftgate.integrations.git.ssh import ssh_of

        repository = self.settings.repository
        if holder := self.key_holder:
            from liftgate.integrations.signing.mirror import HeldMirror

            return HeldMirror(self.settings.state, repository.url, repository.branch, holder)
        token = repository.token.get_secret_value()
        ssh = ssh_of(repository.ssh_key.get_secret_value(), repository.known_hosts) if is_ssh(repository.url) else None

        def signed_in() -> Mapping[str, str]:
            return sign_in(repository.user, token or self.forge.git_token())

        def refused() -> None:
            self.forge.git_token_refused()

        renewed = SignIn(signed_in, refused)
        return Mirror(self.settings.state, repository.url, repository.branch, ssh=ssh, renewed=renewed)

    @cached_property
    def forge(self) -> Forge:
        from liftgate.integrations.signing.forge import held

        product = products.FORGES[self.settings.forge.kind]
        return held(product.made(access=access_to_forge(self.settings)), self.key_holder)

    @cached_property
    def deployer(self) -> Deployer:
        found = self._chosen(products.DEPLOYERS)
        if found is None:
            token = self.settings.argocd.token.get_secret_value()
            lacking = "no Argo CD: set LIFTGATE_ARGOCD__URL"
            raise Misconfigured(lacking if token else "Argo CD needs a token: set LIFTGATE_ARGOCD__TOKEN")
        return found

    @cached_property
    def windows(self) -> SyncWindows:
        from liftgate.integrations.deployer.windows import SyncWindows

        return SyncWindows(self.deployer, self.clock)

    @cached_property
    def live(self) -> Live | None:
        """Gives verification the live state from the deployer; None without a deployer."""
        return self._chosen(products.LIVE)

    @cached_property
    def renderer(self) -> Renderer | None:
        """Renders commits before they are merged; None without a deployer."""
        return self._chosen(products.RENDERERS, repository=self.settings.repository.url)

    @cached_property
    def overview(self) -> Overview | None:
        """Gives drift detection the state from the deployer; None without a deployer."""
        return self._chosen(products.OVERVIEWS)

    @cached_property
    def metrics(self) -> Metrics | None:
        """None if none is configured."""
        return self._chosen(products.METRICS)

    @cached_property
    def chat(self) -> Chat:
        """The log if no chat is configured."""
        return self._chosen(products.CHATS) or products.LOG.made()

    @cached_property
    def runs(self) -> Runs:
        from liftgate.integrations.runs.prefect import Prefect

        prefect = self.settings.prefect
        url = prefect.api_url or os.environ.get("PREFECT_API_URL", "")
        auth = prefect.auth_string.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")
        return Prefect(url, auth, prefect.name)

    def forwarder(self) -> Forwarder:
        """A new one: it belongs to the event loop that uses it."""
        from liftgate.integrations.runs.forwarder import Forwarder

        prefect = self.settings.prefect
        return Forwarder(prefect.api_url, prefect.auth_string.get_secret_value())

    @cached_property
    def commands(self) -> Commands:
        from liftgate.integrations.probe import Commands

        return Commands(self.settings.worker.commands)

    @cached_property
    def secrets(self) -> Secrets | None:
        """None if no key for decryption is configured."""
        return self._chosen(products.SECRETS)

    @cached_property
    def identity(self) -> Identity | None:
        """Signs people in elsewhere; None if no provider is configured."""
        return self._chosen(products.IDENTITIES, clock=self.clock)

    @cached_property
    def database(self) -> Database:
        """The Liftgate server's memory of what may happen only once."""
        from liftgate.integrations.replay.database import Database

        return Database(self.settings.server.database.get_secret_value(), self.settings.state)

    @cached_property
    def limits(self) -> Limits:
        settings, argocd, server = self.settings, self.settings.argocd, self.settings.server
        return Limits(
            gate=settings.gate_deadline,
            sync=settings.sync_deadline,
            verify=settings.verify_deadline,
            patience=Patience(pods=argocd.failing_pods_seconds, suspended=argocd.suspended),
            recovery_every=server.recovery_seconds,
            drift_every=server.drift_seconds,
        )

    @property
    def argocd_project(self) -> str:
        return self.settings.argocd.project

    @cached_property
    def server_author(self) -> Author:
        """Author of the Liftgate server's commits."""
        return Author(name="Liftgate server", email=self.settings.server.email)

    @cached_property
    def author(self) -> Author:
        return Author(name=self.settings.worker.name, email=self.settings.worker.email)

    @cached_property
    def worker_key(self) -> SigningKey:
        own = self.settings.worker.signing_key.get_secret_value()
        return self.key_holder or read_key(own, "LIFTGATE_WORKER__SIGNING_KEY")

    @cached_property
    def server_key(self) -> PrivateKey:
        return read_key(self.settings.server.signing_key.get_secret_value(), "LIFTGATE_SERVER__SIGNING_KEY")

    def tree(self, commit: str) -> ConfigSnapshot:
        """The configuration at the commit; cached."""
        return _tree(self.git, commit)

    @cached_property
    def prepared(self) -> Mirror:
        """The mirror, created if missing; prepared only once in a process, because it waits for a running fetch."""
        self.git.prepare()
        return self.git

    @property
    def latest(self) -> ConfigSnapshot:
        """The branch as last fetched; fetches it if it never was."""
        return self.tree(self.prepared.head or self.git.fetch())

    def entries(self, application: str = "", environment: str = "") -> list[Entry]:
        """The ledger as last fetched, oldest first; the branch as last fetched defines the allowed signers."""
        from liftgate.integrations.ledger import git_branch

        under = git_branch.folder(application, environment)
        entries = git_branch.read_ledger(self.git, self.tree(self.git.head).signers, under)
        return entries_of(entries, application, environment) if environment else entries

    def pauses(self) -> list[Pause]:
        """The pauses in force, as last fetched."""
        from liftgate.integrations.ledger import pause_files

        return pause_files.read_pauses(self.git, self.latest.signers)

    def pause(self, environment: str) -> Pause | None:
        """The pause of promotions to the environment, as last fetched."""
        return holding(self.pauses(), environment)

    def drifts(self) -> list[Record]:
        """Changes outside Git from the ledger as last fetched, in the order they were found."""
        from liftgate.integrations.ledger import drift_files

        return drift_files.read_drift_files(self.git, self.tree(self.git.head).signers)

    def unread(self) -> list[str]:
        """A sentence for each unreadable file of the ledger, as last fetched."""
        from liftgate.integrations.ledger import drift_files
        from liftgate.integrations.ledger.past import past_of

        signers = self.tree(self.git.head).signers
        return [*past_of(self.git, signers).whole.unread, *drift_files.drift_files_at(self.git, signers).unread]

    def page(self, promotion: str) -> str:
        """Address of the promotion's page on the Liftgate server; empty if the server has no address."""
        return self.address(f"/promotions/{promotion}") if self.settings.server.url else ""

    def address(self, path: str) -> str:
        """An address on the Liftgate server; only the path if the server has no address."""
        return f"{self.settings.server.url.rstrip('/')}{path}"

    def run_page(self, run: str) -> str:
        """Address of the run's page in Prefect: behind Liftgate's sign-in if the Liftgate server has an address."""
        prefect = self.settings.prefect
        ours = self.address("/prefect") if self.settings.server.url else ""
        base = prefect.ui_url or ours or prefect.api_url.rstrip("/").removesuffix("/api")
        return f"{base.rstrip('/')}/runs/flow-run/{run}"


@lru_cache(maxsize=64)
def _tree(mirror: Mirror, commit: str) -> ConfigSnapshot:
    from liftgate.integrations.git.config_snapshot import ConfigSnapshot

    return ConfigSnapshot(mirror, commit)


@lru_cache(maxsize=1)
def integrations() -> Integrations:
    """This process's integrations, from its environment."""
    return Integrations(configured.load())
