"""Argo CD's session tokens: JWTs signed with the server's own key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from uuid import uuid4

from liftgate_sandbox.argocd.kube import Object


class BadToken(Exception):
    """The token does not count; `str()` is Argo CD's text."""


def issue(key: str, subject: str, now: float, expires_in: int = 0, token_id: str = "") -> tuple[str, Object]:
    """A token and its claims; `expires_in` 0 is for ever."""
    claims: Object = {"iss": "argocd", "sub": subject, "iat": int(now), "nbf": int(now)}
    claims["jti"] = token_id or str(uuid4())
    if expires_in:
        claims["exp"] = int(now) + expires_in
    body = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{body}.{_sign(key, body)}", claims


def claims_of(key: str, token: str, now: float) -> Object:
    """The claims of a good token; BadToken otherwise."""
    body, _, signature = token.rpartition(".")
    try:
        claims = json.loads(_decode(body.partition(".")[2]))
    except ValueError as error:
        raise BadToken("no session information") from error
    if not hmac.compare_digest(signature, _sign(key, body)):
        raise BadToken("invalid session: token signature is invalid: signature is invalid")
    if "exp" in claims and now >= claims["exp"]:
        raise BadToken("invalid session: token has invalid claims: token is expired")
    return dict(claims)


def _encode(value: Object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _sign(key: str, body: str) -> str:
    digest = hmac.new(key.encode(), body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
