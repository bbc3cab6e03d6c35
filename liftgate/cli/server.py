"""What the commands need of the servers: settings, Prefect, the pipeline, and the addresses of pages."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache

from liftgate import settings as configured
from liftgate.cli.clone import Clone
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.registration import Registry
from liftgate.settings import Settings
from liftgate.wiring import Integrations

GAPS = (0.1, 0.3)
"""Somebody waits at the terminal: two more tries."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    return configured.load()


def registry(gaps: tuple[float, ...] = GAPS) -> Registry:
    """Prefect, as the settings say; raises Misconfigured when they do not."""
    found = Registry(api_url(), auth())
    found.gaps = gaps
    return found


def api_url() -> str:
    return settings().prefect.api_url or os.environ.get("PREFECT_API_URL", "")


def auth() -> str:
    return settings().prefect.auth_string.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")


def run_page(run_id: str) -> str:
    """The run in Prefect's own pages."""
    base = settings().prefect.ui_url or api_url().rstrip("/").removesuffix("/api")
    return f"{base.rstrip('/')}/runs/flow-run/{run_id}"


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
    with suppress(LiftgateError):
        return Clone(repo).tree
    with suppress(LiftgateError):
        at = Integrations(settings())
        return at.tree(at.git.head) if at.git.directory.exists() and at.git.head else None
    return None


def need_repository() -> str:
    """The repository's address; raises Misconfigured without one."""
    if not settings().repository.url:
        raise Misconfigured("no configuration repository: set LIFTGATE_REPOSITORY__URL")
    return settings().repository.url
