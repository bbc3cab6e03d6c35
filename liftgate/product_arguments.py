"""What each product needs of the settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from liftgate.integrations.forge import Access
from liftgate.settings import Settings


def access_to_forge(settings: Settings) -> Access:
    mine, repository = settings.forge, settings.repository
    return Access(
        url=mine.url,
        repository=mine.repository,
        remote=repository.url,
        token=mine.token.get_secret_value() or repository.token.get_secret_value(),
        app_id=mine.app_id,
        app_key=mine.app_key.get_secret_value(),
        deadline=mine.checks_deadline,
        memory=settings.state.expanduser(),
        webhook_secret=mine.webhook_secret.get_secret_value(),
    )


def _sops(settings: Settings) -> dict[str, Any] | None:
    """None for a worker without a key: it can still promote encrypted values."""
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


def _oidc(settings: Settings) -> dict[str, Any] | None:
    oidc = settings.server.oidc
    if not oidc.issuer:
        return None
    credentials = (oidc.client_id, oidc.client_secret.get_secret_value())
    return {
        "issuer": oidc.issuer,
        "credentials": credentials,
        "scopes": oidc.scopes,
        "claim": oidc.claim,
        "title": oidc.name,
    }


GIVEN: Final[dict[str, Callable[[Settings], dict[str, Any] | None]]] = {
    "argocd": _argocd,
    "oidc": _oidc,
    "prometheus": _prometheus,
    "slack": _slack,
    "sops": _sops,
}
"""The arguments for each product, by its name; None if the settings do not configure it. Forges are not listed: all
of them get the same arguments."""
