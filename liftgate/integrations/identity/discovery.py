"""Where an OpenID Connect provider's endpoints are (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from threading import Lock
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.clock import Clock
from liftgate.integrations.http import json_of, loopback, send

ISSUER: Final = "LIFTGATE_SERVER__OIDC__ISSUER"
WHO: Final = "the sign-in provider"
_PATH: Final = "/.well-known/openid-configuration"
_LIFE: Final = 600.0
_AFTER_FAILURE: Final = 10.0
"""Seconds in which a provider that failed is not asked again: anyone may begin a sign-in."""
_PATIENCE: Final = 6.0
"""Seconds to wait for another request that asks the provider now."""


class Provider(BaseModel):
    """The fields of its discovery document that we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Discovery:
    """Asks once for ten minutes, one request at a time."""

    def __init__(self, http: httpx.Client, issuer: str, clock: Clock) -> None:
        self._http, self._issuer, self._clock = http, issuer, clock
        self._lock = Lock()
        self._until = 0.0
        self._found: Provider | Unavailable | None = None

    def provider(self) -> Provider:
        """Raises Unavailable; Misconfigured for a wrong issuer, or one that is not safe."""
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Unavailable(f"{WHO} does not answer; try again in a minute")
        try:
            if self._found is None or self._clock.monotonic() > self._until:
                self._look()
            if isinstance(self._found, Provider):
                return self._found
            raise Unavailable(str(self._found))
        finally:
            self._lock.release()

    def _look(self) -> None:
        self._found = None
        try:
            self._found, life = self._read(), _LIFE
        except Unavailable as error:
            self._found, life = error, _AFTER_FAILURE
        self._until = self._clock.monotonic() + life

    def _read(self) -> Provider:
        response = send(self._http, WHO, "GET", self._issuer.rstrip("/") + _PATH)
        if response.status_code == 404:
            raise Misconfigured(f"{ISSUER}: there is no {_PATH} below this address")
        try:
            found = Provider.model_validate(json_of(response, WHO))
        except ValidationError:
            raise Misconfigured(f"{ISSUER}: the provider's discovery document is not complete") from None
        if found.issuer != self._issuer:
            raise Misconfigured(f"{ISSUER}: the provider calls itself {found.issuer[:200]!r}; set exactly this")
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint):
            if address:
                checked(address, f"{ISSUER}: the provider's addresses")
        return found


def checked(address: str, what: str) -> None:
    """Raises Misconfigured for an address that others on the network could read or change."""
    try:
        url = httpx.URL(address)
        is_safe = bool(url.host) and (url.scheme == "https" or (url.scheme == "http" and loopback(address)))
    except httpx.InvalidURL:
        is_safe = False
    if not is_safe:
        raise Misconfigured(f"{what} must begin with https:// (http:// only for this machine)")
