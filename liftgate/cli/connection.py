"""What the commands need to reach the servers: settings, Prefect, the pipeline, and the addresses of pages."""

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
from liftgate.domain.config.configuration import FILE
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.registration import Registry
from liftgate.settings import Settings
from liftgate.wiring import Integrations

GAPS = (0.1, 0.3)
"""Only two more tries: a person waits at the terminal."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """From our variables. Prefect's address and secret can also come from Prefect's own variables, and the secret
    from an `up` that runs here."""
    found = configured.load()
    prefect = found.prefect
    address = prefect.api_url or os.environ.get("PREFECT_API_URL", "")
    secret = prefect.auth_string.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")
    if address and not secret:
        secret = _secret_of_up(up_folder(found), address)
    known = {name: value for name, value in (("api_url", address), ("auth_string", SecretStr(secret))) if value}
    return found.model_copy(update={"prefect": prefect.model_copy(update=known)})


def settings_of(repo: str) -> Settings:
    """The settings; without a repository in them, that of the clone's origin and the forge that its address tells.

    Raises Misconfigured if there is neither.
    """
    from liftgate.cli.folder import origin
    from liftgate.integrations.products import forge_of

    found = settings()
    if found.repository.url:
        return found
    url = origin(Clone(repo or ".").folder)
    if not url:
        raise Misconfigured("this clone has no origin: set LIFTGATE_REPOSITORY__URL")
    kind = found.forge.kind if "kind" in found.forge.model_fields_set else forge_of(url)
    sections = {
        "repository": found.repository.model_copy(update={"url": url}),
        "forge": found.forge.model_copy(update={"kind": kind}),
    }
    return found.model_copy(update=sections)


def up_folder(found: Settings) -> Path:
    """The state folder of `liftgate up`."""
    return found.state.expanduser() / "up"


def _secret_of_up(folder: Path, address: str) -> str:
    """The secret of the Prefect server that runs from the folder, if it has this address."""
    from liftgate.runtime import prefect_secret
    from liftgate.runtime.environment import LOOPBACK
    from liftgate.runtime.prefect_server import running

    ours, asked = urlsplit(running(folder)), urlsplit(address)
    if not ours.port or asked.hostname not in LOOPBACK or asked.port != ours.port:
        return ""
    try:
        return prefect_secret.read_secret(folder)
    except OSError:  # another user's `up`; Prefect will reject the request
        return ""


def registry(gaps: tuple[float, ...] = GAPS) -> Registry:
    """The Prefect server in the settings; raises Misconfigured when they name none."""
    found = Registry(api_url(), auth(), settings().prefect.name)
    found.gaps = gaps
    return found


def api_url() -> str:
    return settings().prefect.api_url


def auth() -> str:
    return settings().prefect.auth_string.get_secret_value()


def run_page(run_id: str) -> str:
    """Address of the run's page in Prefect."""
    return Integrations(settings()).run_page(run_id)


def promotion_page(run_id: str) -> str:
    """Address of the promotion's page on the Liftgate server; empty if the server has none."""
    return Integrations(settings()).page(run_id)


def pipeline(repo: str) -> ConfigSnapshot:
    """HEAD of the clone that `repo` names, else the repository in the settings, else the clone around this folder."""
    if repo or not settings().repository.url:
        return Clone(repo or ".").tree
    return fetched()


def fetched() -> ConfigSnapshot:
    """The repository in the settings, fetched now. Raises Unavailable, Misconfigured."""
    need_repository()
    at = Integrations(settings())
    return at.tree(at.git.fetch())


def known_pipeline(repo: str) -> ConfigSnapshot | None:
    """The pipeline without a request to a server: from a clone, or from the mirror as last fetched; else None."""
    places: tuple[Callable[[], ConfigSnapshot], ...] = (lambda: Clone(repo).tree, _mirrored)
    for place in places:
        with suppress(LiftgateError):
            tree = place()
            if tree.repository.object_id(tree.commit, FILE):
                return tree
    return None


def _mirrored() -> ConfigSnapshot:
    """Raises Misconfigured before the first fetch."""
    at = Integrations(settings())
    if not at.git.directory.exists() or not at.git.head:
        raise Misconfigured("nothing was fetched yet")
    return at.tree(at.git.head)


def need_repository() -> str:
    """The repository's address; raises Misconfigured without one."""
    if not settings().repository.url:
        raise Misconfigured("no configuration repository: set LIFTGATE_REPOSITORY__URL")
    return settings().repository.url
