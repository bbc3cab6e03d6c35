"""Settings to integrations: the only module that knows both; everything is made when first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from liftgate import settings as configured
from liftgate.domain import signature
from liftgate.domain.drift_record import Record
from liftgate.domain.judgement import Patience
from liftgate.domain.ledger import Entry, of
from liftgate.domain.limits import Limits
from liftgate.domain.stop import Stop, holding
from liftgate.errors import Misconfigured
from liftgate.integrations import products
from liftgate.integrations.clock import Clock, SystemClock
from liftgate.integrations.git.repository import Author
from liftgate.integrations.products import Product
from liftgate.settings import Settings

if TYPE_CHECKING:
    from liftgate.domain.signature import PrivateKey
    from liftgate.integrations.chat import Chat
    from liftgate.integrations.deployer import Deployer, Overview
    from liftgate.integrations.deployer.live import Live
    from liftgate.integrations.deployer.rendering import Renderer
    from liftgate.integrations.deployer.windows import SyncWindows
    from liftgate.integrations.forge import Forge
    from liftgate.integrations.git.mirror import Mirror
    from liftgate.integrations.git.tree import Tree
    from liftgate.integrations.metrics import Metrics
    from liftgate.integrations.probe import Commands
    from liftgate.integrations.runs import Runs
    from liftgate.integrations.secrets import Secrets

Role = TypeVar("Role")


def _sops(settings: Settings) -> dict[str, Any] | None:
    """None for a worker without a key: it promotes encrypted values all the same."""
    variables = {name: os.environ[name] for name in settings.sops.pass_on if name in os.environ}
    if key := settings.sops.age_key.get_secret_value().strip():
        variables["SOPS_AGE_KEY" if key.startswith("AGE-") else "SOPS_AGE_KEY_FILE"] = key
    return {"variables": variables} if variables else None


def _slack(settings: Settings) -> dict[str, Any] | None:
    slack = settings.slack
    token = slack.bot_token.get_secret_value()
    return {"url": slack.url, "token": token, "channel": slack.channel} if token else None


def _argocd(settings: Settings) -> dict[str, Any] | None:
    argocd = settings.argocd
    token = argocd.token.get_secret_value()
    if not (argocd.url and token):
        return None
    return {"url": argocd.url, "token": token, "project": argocd.project, "verify": not argocd.insecure}


def _prometheus(settings: Settings) -> dict[str, Any] | None:
    prometheus = settings.prometheus
    return {"url": prometheus.url, "token": prometheus.token.get_secret_value()} if prometheus.url else None


GIVEN: Final[dict[str, Callable[[Settings], dict[str, Any] | None]]] = {
    "argocd": _argocd,
    "prometheus": _prometheus,
    "slack": _slack,
    "sops": _sops,
}
"""What a product of a role is made with, by the product's name; None where the settings do not set it up. A forge has
no line here: every forge is given the same."""


class Integrations:
    """One product for each role, as the settings say. Modules are imported when used: the command line is quick."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        products.find(products.FORGES, settings.forge.kind, "LIFTGATE_FORGE__KIND")

    def _chosen(self, listed: Mapping[str, Product[Role]], **more: Any) -> Role | None:
        """The first product of the role that is set up."""
        for name, product in listed.items():
            if (given := GIVEN[name](self.settings)) is not None:
                return product.made(**given, **more)
        return None

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def git(self) -> Mirror:
        from liftgate.integrations.git.mirror import Mirror
        from liftgate.integrations.git.process import sign_in

        repository = self.settings.repository
        environment = sign_in(repository.user, repository.token.get_secret_value())
        return Mirror(self.settings.state, repository.url, repository.branch, environment)

    @cached_property
    def forge(self) -> Forge:
        from liftgate.integrations.forge import Access

        mine, repository = self.settings.forge, self.settings.repository
        access = Access(
            url=mine.url,
            repository=mine.repository,
            remote=repository.url,
            token=mine.token.get_secret_value() or repository.token.get_secret_value(),
            webhook_secret=mine.webhook_secret.get_secret_value(),
        )
        return products.FORGES[mine.kind].made(access=access)

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
        """What verification reads of the deployer; None where there is none."""
        return self._chosen(products.LIVE)

    @cached_property
    def renderer(self) -> Renderer | None:
        """What renders commits before they are merged; None where there is no deployer."""
        return self._chosen(products.RENDERERS, repository=self.settings.repository.url)

    @cached_property
    def overview(self) -> Overview | None:
        """What the watch for drift reads of the deployer; None where there is none."""
        return self._chosen(products.OVERVIEWS)

    @cached_property
    def metrics(self) -> Metrics | None:
        """None where none is set up."""
        return self._chosen(products.METRICS)

    @cached_property
    def chat(self) -> Chat:
        """The log where no other is set up."""
        return self._chosen(products.CHATS) or products.LOG.made()

    @cached_property
    def runs(self) -> Runs:
        from liftgate.integrations.runs.prefect import Prefect

        prefect = self.settings.prefect
        url = prefect.api_url or os.environ.get("PREFECT_API_URL", "")
        auth = prefect.auth_string.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")
        return Prefect(url, auth, prefect.name)

    @cached_property
    def commands(self) -> Commands:
        from liftgate.integrations.probe import Commands

        return Commands(self.settings.worker.commands)

    @cached_property
    def secrets(self) -> Secrets | None:
        """None where nothing could be decrypted."""
        return self._chosen(products.SECRETS)

    @cached_property
    def limits(self) -> Limits:
        settings, argocd, server = self.settings, self.settings.argocd, self.settings.gatehouse
        return Limits(
            gate=settings.gate_deadline,
            sync=settings.sync_deadline,
            verify=settings.verify_deadline,
            patience=Patience(pods=argocd.failing_pods_seconds, suspended=argocd.suspended),
            recovery_every=server.sweep_seconds,
            drift_every=server.drift_seconds,
        )

    @property
    def argocd_project(self) -> str:
        return self.settings.argocd.project

    @cached_property
    def gatehouse_author(self) -> Author:
        """Of what the gatehouse writes to Git."""
        return Author(name="Liftgate's gatehouse", email=self.settings.gatehouse.email)

    @cached_property
    def author(self) -> Author:
        return Author(name=self.settings.worker.name, email=self.settings.worker.email)

    @cached_property
    def worker_key(self) -> PrivateKey:
        return _key(self.settings.worker.signing_key.get_secret_value(), "LIFTGATE_WORKER__SIGNING_KEY")

    @cached_property
    def gatehouse_key(self) -> PrivateKey:
        return _key(self.settings.gatehouse.signing_key.get_secret_value(), "LIFTGATE_GATEHOUSE__SIGNING_KEY")

    def tree(self, commit: str) -> Tree:
        """What the commit says; the same one is read once."""
        return _tree(self.git, commit)

    @cached_property
    def prepared(self) -> Mirror:
        """The mirror, made if it is not there; asked for once in a process, as that waits for a fetch under way."""
        self.git.prepare()
        return self.git

    @property
    def latest(self) -> Tree:
        """The branch as last fetched; the very first time it is fetched here."""
        return self.tree(self.prepared.head or self.git.fetch())

    def entries(self, application: str = "", environment: str = "") -> list[Entry]:
        """The ledger as last fetched, oldest first; signers are those of the branch as last fetched."""
        from liftgate.integrations.ledger import git_branch

        under = "/".join(part for part in ("entries", application, environment) if part)
        entries = git_branch.read(self.git, self.tree(self.git.head).signers, under)
        return of(entries, application, environment) if environment else entries

    def stop(self, environment: str) -> Stop | None:
        """What stops promotions to the environment, as last fetched."""
        from liftgate.integrations.git import stops

        return holding(stops.read(self.git), environment)

    def drifts(self) -> list[Record]:
        """Changes past Git in the ledger as last fetched, in the order they were seen."""
        from liftgate.integrations.ledger import drift_files

        return drift_files.read(self.git, self.tree(self.git.head).signers)

    def unread(self) -> list[str]:
        """A sentence for each file of the ledger, as last fetched, that cannot be read."""
        from liftgate.integrations.ledger import drift_files, git_branch

        signers = self.tree(self.git.head).signers
        return [*git_branch.look(self.git, signers).unread, *drift_files.look(self.git, signers).unread]

    def page(self, promotion: str) -> str:
        """Where people see a promotion: the gatehouse's page; empty when it has no address."""
        return self.address(f"/promotions/{promotion}") if self.settings.gatehouse.url else ""

    def address(self, path: str) -> str:
        """Of the gatehouse; the path alone when it has no address."""
        return f"{self.settings.gatehouse.url.rstrip('/')}{path}"

    def run_page(self, run: str) -> str:
        """Prefect's own page of a run."""
        prefect = self.settings.prefect
        base = prefect.ui_url or prefect.api_url.rstrip("/").removesuffix("/api")
        return f"{base.rstrip('/')}/runs/flow-run/{run}"


@lru_cache(maxsize=64)
def _tree(mirror: Mirror, commit: str) -> Tree:
    from liftgate.integrations.git.tree import Tree

    return Tree(mirror, commit)


def _key(text: str, setting: str) -> PrivateKey:
    """The setting is the key itself, or the path of its file."""
    if not text:
        raise Misconfigured(f"nothing to sign with: set {setting} to a key, or the path of one")
    if not text.lstrip().startswith("-----BEGIN"):
        try:
            text = Path(text).expanduser().read_text()
        except OSError as error:
            raise Misconfigured(f"{setting}: the key file cannot be read: {error.strerror}") from None
    return signature.read_private_key(text, setting)


@lru_cache(maxsize=1)
def integrations() -> Integrations:
    """This process's integrations, from its environment."""
    return Integrations(configured.load())
