"""Sign-in to GitHub: a token of the settings, or tokens of a GitHub App that are renewed before they expire."""

from __future__ import annotations

import re
import time
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.forge.github_answers import Installation, NamedApp, Token, not_githubs, read
from liftgate.integrations.forge.github_limits import seconds_to_wait
from liftgate.integrations.forge.github_rest import HEADERS, WHO
from liftgate.integrations.http import client, json_of, send
from liftgate.integrations.keys import text_of

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

_EARLY: Final = 300.0
"""Seconds before its end at which a token is renewed: the longest push must not outlive it."""
_USABLE: Final = 20.0
_BACK: Final = 60
_AHEAD: Final = 540
"""The claims of a JWT, in seconds from now: GitHub takes none of more than ten minutes, and clocks differ."""
_RENAMED: Final = re.compile(r"/repositories/(?P<id>\d{1,18})/installation$")
"""The end of the address that a renamed repository redirects to; the host stays ours."""
_KEY: Final = "LIFTGATE_FORGE__APP_KEY"
_SETTINGS: Final = f"LIFTGATE_FORGE__APP_ID and {_KEY}"


@lru_cache(maxsize=1)
def _read_key(pem: str) -> RSAKey:
    """Once, as its numbers are checked, which takes a tenth of a second. Raises JoseError, ValueError or TypeError."""
    from joserfc.jwk import RSAKey

    return RSAKey.import_key(pem)


class FixedToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        if not self._token:
            raise Misconfigured("the forge needs a token: set LIFTGATE_FORGE__TOKEN or LIFTGATE_REPOSITORY__TOKEN")
        return self._token

    def renew(self, refused: str) -> bool:
        """There is only this one."""
        return refused != self._token

    def login(self) -> str:
        return ""


class AppTokens:
    """Tokens for one repository alone, of the App's installation there."""

    def __init__(self, base: str, repository: str, app: str, key: str) -> None:
        """`app` is the App's client id or id, `key` its private key as PEM, or the path of the file."""
        self._base, self._repository, self._app, self._key = base.rstrip("/"), repository, app, key
        self._lock = Lock()
        self._token, self._until = "", 0.0
        self._slug = ""

    def token(self) -> str:
        with self._lock:
            left = self._until - time.time()
            if left > _EARLY:
                return self._token
            try:
                self._token, self._until = self._new()
            except Unavailable:
                if left < _USABLE:
                    raise
            return self._token

    def identity(self) -> tuple[int, str]:
        """The App's number, which is not its client id, and its name in addresses."""
        with client(self._base, dict(HEADERS) | {"Authorization": f"Bearer {self._jwt()}"}) as http:
            found = read(NamedApp, self._body(send(http, WHO, "GET", "/app")), "/app")
        return found.id, found.slug

    def renew(self, refused: str) -> bool:
        """GitHub may end a token early, after a change of the App's rights for example."""
        with self._lock:
            if self._token == refused:
                self._until = 0.0
        return True

    def login(self) -> str:
        """GitHub names an App's account by the App."""
        self.token()
        return f"{self._slug}[bot]" if self._slug else ""

    def _new(self) -> tuple[str, float]:
        """A token and the time it ends, as seconds since 1970."""
        if not (self._app and self._key):
            raise Misconfigured(f"to sign in as a GitHub App set both {_SETTINGS}")
        owner, _, name = self._repository.partition("/")
        with client(self._base, dict(HEADERS) | {"Authorization": f"Bearer {self._jwt()}"}) as http:
            path = f"/repos/{quote(owner)}/{quote(name)}/installation"
            found = send(http, WHO, "GET", path)
            only: dict[str, list[Any]] = {"repositories": [name]}
            if moved := _RENAMED.search(found.headers.get("location", "")):
                found, only = send(http, WHO, "GET", moved[0]), {"repository_ids": [int(moved["id"])]}
            if found.status_code == 404:
                raise Misconfigured(f"the GitHub App is not installed for {self._repository}; install it there")
            installation = read(Installation, self._body(found), path)
            self._slug = installation.app_slug
            path = f"/app/installations/{installation.id}/access_tokens"
            made = read(Token, self._body(send(http, WHO, "POST", path, json=only)), path)
        try:
            return made.token, datetime.fromisoformat(made.expires_at).timestamp()
        except ValueError:
            raise not_githubs(path, "expires_at is no time") from None

    @staticmethod
    def _body(response: httpx.Response) -> object:
        if response.status_code == 401:
            raise Misconfigured(f"{WHO} does not accept the GitHub App: look at {_SETTINGS}, and at this clock")
        if wait := seconds_to_wait(response):
            raise Unavailable(f"{WHO} gives the GitHub App no token now (rate limit)", retry_after=wait)
        return json_of(response, WHO)

    def _jwt(self) -> str:
        from joserfc import jwt
        from joserfc.errors import JoseError

        now = int(time.time())
        claims = {"iss": self._app, "iat": now - _BACK, "exp": now + _AHEAD}
        try:
            return jwt.encode({"alg": "RS256"}, claims, _read_key(text_of(self._key, _KEY)))
        except (JoseError, ValueError, TypeError):
            raise Misconfigured(f"{_KEY} is no RSA private key in PEM form, or its path") from None
