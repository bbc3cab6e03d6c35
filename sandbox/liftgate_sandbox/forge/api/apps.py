"""GitHub Apps: they sign in with a JWT of their own key, and get tokens of an hour for the repositories they are in."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid, not_found
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import App, User

LONGEST = 600
"""Seconds that a JWT may be valid for."""


def signed_in(core: Core, token: str) -> User:
    """The App's user. Raises ApiError for a JWT that is not the App's own, is too old or too long."""
    for app in core.apps.values():
        try:
            claims = jwt.decode(token, RSAKey.import_key(app.public_key), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            continue
        now = datetime.now(UTC).timestamp()
        is_in_time = claims["iat"] <= now <= claims["exp"] and claims["exp"] - now <= LONGEST
        if str(claims["iss"]) == app.client_id and is_in_time:
            return core.user(app.login)
    raise ApiError(401, "A JSON web token could not be decoded")


def get(call: Call) -> Reply:
    app = _app(call)
    return Reply({"id": app.id, "client_id": app.client_id, "slug": app.login.removesuffix("[bot]")})


def by_slug(call: Call) -> Reply:
    """What everybody may know of an App."""
    app = call.core.apps.get(f"{call.path['slug']}[bot]")
    if app is None:
        raise not_found()
    return Reply({"id": app.id, "client_id": app.client_id, "slug": call.path["slug"]})


def of_repository(call: Call) -> Reply:
    """The App's installation in this repository."""
    app = _app(call)
    if call.repository.id not in app.repositories:
        raise not_found()
    slug = app.login.removesuffix("[bot]")
    return Reply({"id": app.id, "app_id": app.id, "app_slug": slug, "repository_selection": "selected"})


def create_token(call: Call) -> Reply:
    """For all repositories of the installation, or those that the body names."""
    app = _app(call)
    if call.number() != app.id:
        raise not_found()
    known = {each.name for each in call.core.store.repositories() if each.id in app.repositories}
    if not set(call.texts("repositories")) <= known:
        raise invalid("Repository", "There is at least one repository that does not exist or is not accessible")
    token = f"ghs_{app.id}_{secrets.token_urlsafe(60)}"
    until = datetime.now(UTC) + timedelta(seconds=app.lifetime)
    call.core.issued[token] = (app.login, until)
    return Reply({"token": token, "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ")}, 201)


def _app(call: Call) -> App:
    return call.core.apps[call.user.login]
