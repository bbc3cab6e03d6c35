"""Sign-in at an OpenID Connect provider: code flow with PKCE, state and nonce. Authlib and joserfc check the tokens."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from liftgate.domain.config.people import Claim
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.clock import Clock
from liftgate.integrations.http import client, error_of, json_of, send
from liftgate.integrations.identity import SignInSecrets
from liftgate.integrations.identity.discovery import ISSUER, WHO, Discovery, Provider, checked

_TIMEOUT: Final = httpx.Timeout(5.0)
_LEEWAY: Final = 180
"""Seconds by which the provider's clock may differ."""
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key that only the provider has: neither "none" nor one with a shared secret."""
_LONGEST: Final = 254
_CREDENTIALS: Final = "LIFTGATE_SERVER__OIDC__CLIENT_ID and LIFTGATE_SERVER__OIDC__CLIENT_SECRET"


class OpenIdConnect:
    """One provider and one claim of its people."""

    def __init__(
        self, *, issuer: str, credentials: tuple[str, str], scopes: Sequence[str], claim: str, title: str, clock: Clock
    ) -> None:
        self._issuer, self._scopes, self._claim, self._clock = issuer, scopes, claim, clock
        self._id, self._secret = credentials
        self.title = title or issuer.removeprefix("https://").partition("/")[0]

    @cached_property
    def _http(self) -> httpx.Client:
        """Made at the first sign-in: a wrong issuer must not stop the pages."""
        checked(self._issuer, ISSUER)
        return client(self._issuer, {"accept": "application/json"}, timeout=_TIMEOUT)

    @cached_property
    def _discovery(self) -> Discovery:
        return Discovery(self._http, self._issuer, self._clock)

    def check(self) -> None:
        if not self._id:
            raise Misconfigured("LIFTGATE_SERVER__OIDC__CLIENT_ID is missing")
        if "openid" not in self._scopes:
            raise Misconfigured('LIFTGATE_SERVER__OIDC__SCOPES must contain "openid"')
        self._discovery.provider()

    def address(self, own: SignInSecrets, back: str) -> str:
        self.check()
        address: str = prepare_grant_uri(
            self._discovery.provider().authorization_endpoint,
            client_id=self._id,
            response_type="code",
            redirect_uri=back,
            scope=" ".join(self._scopes),
            state=own.state,
            nonce=own.nonce,
            code_challenge=create_s256_code_challenge(own.verifier),
            code_challenge_method="S256",
        )
        return address

    def sign_out_address(self, back: str) -> str:
        """Without a hint that names the person, as we keep no ID token: the provider may ask the person to confirm."""
        endpoint = self._discovery.provider().end_session_endpoint
        if not endpoint:
            return ""
        checked(endpoint, f"{ISSUER}: the provider's addresses")
        wanted = {"client_id": self._id, "post_logout_redirect_uri": back}
        return str(httpx.URL(endpoint).copy_merge_params(wanted))

    def claim(self, answer: Mapping[str, str], own: SignInSecrets, back: str) -> Claim:
        if not hmac.compare_digest(answer.get("state", "").encode(), own.state.encode()):
            raise Refused("this answer does not belong to the sign-in that your browser began")
        if answer.get("iss", self._issuer) != self._issuer:
            raise Refused("this answer comes from another sign-in provider")
        if "error" in answer or not answer.get("code"):
            raise Refused(f"{self.title} did not sign you in")
        provider = self._discovery.provider()
        tokens = self._tokens(provider, answer["code"], own.verifier, back)
        claims = self._verified(provider, str(tokens.get("id_token", "")), own.nonce)
        if self._claim not in claims and provider.userinfo_endpoint:
            claims |= self._more(provider, str(tokens.get("access_token", "")), claims["sub"])
        return self._person(claims)

    def _tokens(self, provider: Provider, code: str, verifier: str, back: str) -> dict[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        address, headers, body = self._authentication(provider).prepare(
            "POST",
            provider.token_endpoint,
            {"content-type": "application/x-www-form-urlencoded"},
            str(httpx.QueryParams(fields)),
        )
        response = send(self._http, WHO, "POST", address, headers=headers, content=body)
        if not response.is_success:
            raise self._refusal(response)
        tokens = json_of(response, WHO)
        return tokens if isinstance(tokens, dict) else {}

    def _authentication(self, provider: Provider) -> ClientAuth:
        method = "client_secret_basic" if self._secret else "none"
        if self._secret and method not in provider.token_endpoint_auth_methods_supported:
            method = "client_secret_post"
        return ClientAuth(self._id, self._secret, method)

    def _refusal(self, response: httpx.Response) -> Exception:
        """By the error code of RFC 6749, section 5.2."""
        try:
            said = loads(response.content)
        except UnreadableJson:
            said = None
        code = said.get("error", "") if isinstance(said, dict) else ""
        if code == "invalid_grant":
            return Refused("the code of this sign-in was used, or it is too old")
        if code in ("invalid_client", "unauthorized_client"):
            return Misconfigured(f"{WHO} does not accept {_CREDENTIALS}")
        return error_of(response, WHO)

    def _verified(self, provider: Provider, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that this provider signed for us and this sign-in, and that has not expired."""
        keys = json_of(send(self._http, WHO, "GET", provider.jwks_uri), WHO)
        wanted = {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": self._id}}
        try:
            decoded = jwt.decode(token, _signing_keys(keys), algorithms=_ALGORITHMS)
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, {"nonce": nonce, "client_id": self._id})
            claims.validate(int(self._clock.now().timestamp()), _LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise Refused(f"the ID token of {self.title} is not valid") from None
        return dict(claims)

    def _more(self, provider: Provider, access: str, subject: str) -> dict[str, Any]:
        """The claims that a provider tells only beside the ID token; they must be about the same person."""
        checked(provider.userinfo_endpoint, "the provider's addresses")
        headers = {"authorization": f"Bearer {access}"}
        found = json_of(send(self._http, WHO, "GET", provider.userinfo_endpoint, headers=headers), WHO)
        return found if isinstance(found, dict) and found.get("sub") == subject else {}

    def _person(self, claims: Mapping[str, Any]) -> Claim:
        value = claims.get(self._claim)
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or not value.isprintable():
            raise Refused(
                f"{self.title} does not tell your {self._claim}: an administrator must allow Liftgate to see it"
            )
        if self._claim != "email":
            return Claim(kind="id", value=value)
        verified = claims.get("email_verified")
        if verified is not True and verified != "true":  # some providers send text
            raise Refused(f"{self.title} has not verified your e-mail address")
        return Claim(kind="email", value=value.strip())


def _signing_keys(document: Any) -> KeySet:
    keys = [key for key in document["keys"] if key.get("use", "sig") == "sig"]
    return KeySet.import_key_set({"keys": keys})
