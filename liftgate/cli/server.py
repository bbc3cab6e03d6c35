"""What the commands need of the servers: settings, Prefect, the pipeline, and the addresses of pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from liftgate import settings as configured
from liftgate.cli.clone import Clone
from liftgate.domain.configuration import FILE
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.registration import Registry
from liftgate.settings import Settings
from liftgate.wiring import Integrations

GAPS = (0.1, 0.3)
"""Somebody waits at the terminal: two more tries."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Those of our variables; Prefect's address and secret also by Prefect's own, and by an `up` that runs here."""
    found = configured.load()
    prefect = found.prefect
    address = prefect.api_url or os.environ.get("PREFECT_API_URL", "")
    secret = prefect.auth_string.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")
    if address and not secret:
        secret = _secret_of_up(up_folder(found), address)
    known = {name: value for name, value in (("api_url", address), ("auth_string", SecretStr(secret))) if value}
    return found.model_copy(update={"prefect": prefect.model_copy(update=known)})


def up_folder(found: Settings) -> Path:
    """Where `liftgate up` keeps what it runs."""
    return found.state.expanduser() / "up"


def _secret_of_up(folder: Path, address: str) -> str:
    """The secret of the Prefect server that runs from the folder, if that is the one at the address."""
    from liftgate.runtime import prefect_secret
    from liftgate.runtime.environment import LOOPBACK
    from liftgate.runtime.prefect_server import running

    ours, asked = urlsplit(running(folder)), urlsplit(address)
    if not ours.port or asked.hostname not in LOOPBACK or asked.port != ours.port:
        return ""
    try:
        return prefect_secret.read(folder)
    except OSError:  # another user's `up`; Prefect will say that it asks for a secret
        return ""


def registry(gaps: tuple[float, ...] = GAPS) -> Registry:
    """Prefect, as the settings say; raises Misconfigured when they do not."""
    found = Registry(api_url(), auth(), settings().prefect.name)
    found.gaps = gaps
    return found


def api_url() -> str:
    return settings().prefect.api_url


def auth() -> str:
    return settings().prefect.auth_string.get_secret_value()


def run_page(run_id: str) -> str:
    """The run in Prefect's own pages."""
    return Integrations(settings()).run_page(run_id)


def promotion_page(run_id: str) -> str:
    """The promotion at the gatehouse; empty when it has no address."""
    return Integrations(settings()).page(run_id)


def pipeline(repo: str) -> Tree:
    """The clone's HEAD where one is named, else the settings' repository, else the clone around this folder."""
    if repo or not settings().repository.url:
        return Clone(repo or ".").tree
    return fetched()


def fetched() -> Tree:
    """The settings' repository as it is now. Raises Unavailable, Misconfigured."""
    need_repository()
    at = Integrations(settings())
    return at.tree(at.git.fetch())


def known_pipeline(repo: str) -> Tree | None:
    """What is at hand without asking anybody: a clone, or the mirror as last fetched; else None."""
    places: tuple[Callable[[], Tree], ...] = (lambda: Clone(repo).tree, _mirrored)
    for place in places:
        with suppress(LiftgateError):
            tree = place()
            if tree.repository.object_id(tree.commit, FILE):
                return tree
    return None


def _mirrored() -> Tree:
    """Raises Misconfigured where nothing was fetched yet."""
    at = Integrations(settings())
    if not at.git.directory.exists() or not at.git.head:
        raise Misconfigured("nothing was fetched yet")
    return at.tree(at.git.head)


def need_repository() -> str:
    """The repository's address; raises Misconfigured without one."""
    if not settings().repository.url:
        raise Misconfigured("no configuration repository: set LIFTGATE_REPOSITORY__URL")
    return settings().repository.url
