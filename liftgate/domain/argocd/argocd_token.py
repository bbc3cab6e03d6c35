"""Reads the claims of an Argo CD token. They are not verified: they only help to find a wrong setting."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from liftgate.domain.json_text.bounded_json import loads

TOKEN, PROJECT = "LIFTGATE_ARGOCD__TOKEN", "LIFTGATE_ARGOCD__PROJECT"
_EXPIRED = "create a new one (argocd proj role create-token PROJECT ROLE --expires-in 2160h)"


def fault(token: str, project: str, now: datetime) -> str:
    """Which setting is wrong, and its right value; an empty string if the token shows no mistake."""
    claims = _claims(token)
    if claims is None:
        return f"{TOKEN} is not an Argo CD token: such a token has three parts, separated by dots"
    expires = claims.get("exp")
    if isinstance(expires, int | float) and expires <= now.timestamp():
        return f"{TOKEN} expired on {datetime.fromtimestamp(expires, UTC):%Y-%m-%d at %H:%M} UTC; {_EXPIRED}"
    kind, _, rest = str(claims.get("sub", "")).partition(":")
    own, _, role = rest.partition(":")
    if kind == "proj" and own and own != project:
        return f"{TOKEN} belongs to the project {own} (role {role}), not to {project}: set {PROJECT}={own}"
    return ""


def _claims(token: str) -> Mapping[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        found = loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
