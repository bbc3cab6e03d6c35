"""What a provider that lies, or is set up wrongly, can make us believe: nothing."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liftgate.domain.config.people import Claim
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.identity import Identity, SignInSecrets
from liftgate.integrations.identity.oidc import OpenIdConnect
from liftgate.integrations.identity.proxy import named_person

BEGUN = SignInSecrets(state="state-1", nonce="nonce-1", verifier="v" * 43)
ANSWER = {"state": "state-1", "code": "code-1"}
BACK = "https://liftgate.example.com/sign-in/oidc/callback"
CURVE = ECKey.generate_key("P-256", {"kid": "2"})

ours = cache(partial(RSAKey.generate_key, 2048, {"kid": "1"}))  # to make one takes a while


@dataclass
class Provider:
    """It says whatever a test wants it to."""

    url: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] | None = None
    token: str | None = None
    token_answer: tuple[int, dict[str, Any]] | None = None
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    key: RSAKey | ECKey = field(default_factory=ours)
    algorithm: str = "RS256"

    def discovery(self, _request: Request) -> Response:
        self.sent.append(("discovery", b""))
        paths = {"authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k", "userinfo_endpoint": "/u"}
        ours = {"issuer": self.url, **{name: self.url + path for name, path in paths.items()}}
        return JSONResponse(ours | self.document)

    def keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([ours(), CURVE]).as_dict(private=False))

    async def tokens(self, request: Request) -> Response:
        self.sent.append((request.headers.get("authorization", ""), await request.body()))
        if self.token_answer:
            return JSONResponse(self.token_answer[1], status_code=self.token_answer[0])
        return JSONResponse({"access_token": "access-1", "token_type": "Bearer", "id_token": self.token or self.made()})

    def made(self) -> str:
        now = int(SystemClock().now().timestamp())
        usual = {"iss": self.url, "sub": "1", "aud": "liftgate", "exp": now + 300, "iat": now, "nonce": "nonce-1",
                 "email": "ada@example.com", "email_verified": True}  # fmt: skip
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key)

    def userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer access-1"
        return JSONResponse(self.info)

    def client(self, **changes: Any) -> OpenIdConnect:
        usual: dict[str, Any] = {
            "issuer": self.url,
            "credentials": ("liftgate", "hunter2"),
            "scopes": ["openid", "email"],
            "claim": "email",
            "title": "Example",
            "clock": SystemClock(),
        }
        return OpenIdConnect(**(usual | changes))

    def claim(self, **changes: Any) -> Claim:
        return self.client(**changes).claim(ANSWER, BEGUN, BACK)


IS_ONE: tuple[type[Identity], ...] = (OpenIdConnect,)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    routes = [
        Route("/.well-known/openid-configuration", made.discovery),
        Route("/k", made.keys),
        Route("/t", made.tokens, methods=["POST"]),
        Route("/u", made.userinfo),
    ]
    with serve(Starlette(routes=routes)) as served:
        made.url = served.url
        yield made


def test_what_is_signed_for_us_and_this_sign_in_is_believed(provider: Provider) -> None:
    assert provider.claim() == Claim(kind="email", value="ada@example.com")
    provider.key, provider.algorithm = CURVE, "ES256"
    assert provider.claim(claim="sub") == Claim(kind="id", value="1")
    secret, body = provider.sent[1]
    assert base64.b64decode(secret.removeprefix("Basic ")) == b"liftgate:hunter2"
    assert b"code_verifier=" + b"v" * 43 in body
    assert b"hunter2" not in body


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["liftgate", "another"]}, {"azp": "another"},
        {"exp": 1}, {"exp": None}, {"nonce": "nonce-2"}, {"nonce": None}, {"sub": None}, {"iat": 99_999_999_999},
        {"aud": None}, {"iss": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_for_others_or_of_another_sign_in_is_refused(provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    with pytest.raises(Refused, match="the ID token of Example is not valid"):
        provider.claim()


def test_only_the_providers_own_signature_counts(provider: Provider) -> None:
    good = provider.made()
    body = good.split(".")[1]

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    confused = f"{part({'alg': 'HS256', 'kid': '1'})}.{body}"
    shared = hmac.digest(ours().as_pem(private=False), confused.encode(), "sha256")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    for token in (
        jwt.encode({"alg": "RS256", "kid": "1"}, claims, RSAKey.generate_key(2048, {"kid": "1"})),
        f"{confused}.{base64.urlsafe_b64encode(shared).rstrip(b'=').decode()}",
        f"{part({'alg': 'none'})}.{body}.",
        f"{part({'alg': 'none', 'kid': '1'})}.{body}.{good.split('.')[2]}",
        f"{part({'alg': 'RS256', 'kid': '9'})}.{body}.{good.split('.')[2]}",
        good[:-4], "", "x", "a.b.c", "." * 100, "\U0001f600",
    ):  # fmt: skip
        provider.token = token or " "
        with pytest.raises(Refused, match="ID token"):
            provider.claim()


@pytest.mark.parametrize("verified", [False, None, "false", 1, "yes"])
def test_an_email_counts_only_if_it_was_verified(provider: Provider, verified: Any) -> None:
    provider.claims = {"email_verified": verified}
    with pytest.raises(Refused, match="has not verified your e-mail address"):
        provider.claim()


@pytest.mark.parametrize("email", [None, "", " ", 7, ["ada@example.com"], "a\nb@example.com", "a" * 300])
def test_a_claim_that_is_no_name_is_refused(provider: Provider, email: Any) -> None:
    provider.claims, provider.info = {"email": email}, {"sub": "1"}
    with pytest.raises(Refused, match="does not tell your email"):
        provider.claim()


def test_what_the_token_lacks_comes_from_the_userinfo_of_the_same_person(provider: Provider) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.info = {"sub": "1", "email": "grace@example.com", "email_verified": True}
    assert provider.claim() == Claim(kind="email", value="grace@example.com")
    provider.info["sub"] = "2"
    with pytest.raises(Refused, match="does not tell your email"):
        provider.claim()


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"state": "state-2", "code": "c"}, {"state": "état", "code": "c"}, {"state": "state-1"},
        {"state": "state-1", "error": "access_denied", "code": "c"},
        {"state": "state-1", "code": "c", "iss": "https://evil.example"},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_of_another_sign_in_asks_the_provider_nothing(provider: Provider, answer: dict[str, str]) -> None:
    with pytest.raises(Refused):
        provider.client().claim(answer, BEGUN, BACK)
    assert provider.sent == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, {"error": "invalid_grant"}, Refused, "was used, or it is too old"),
        (401, {"error": "invalid_client"}, Misconfigured, "LIFTGATE_SERVER__OIDC__CLIENT_SECRET"),
        (500, {"error": "server_error"}, Unavailable, "500"),
        (429, {}, Unavailable, "429"),
        (200, {"id_token": 7}, Refused, "ID token"),
        (200, {}, Refused, "ID token"),
    ],
)
def test_what_the_provider_answers_becomes_one_sentence(
    provider: Provider, status: int, body: dict[str, Any], kind: type[LiftgateError], words: str
) -> None:
    provider.token_answer = (status, body)
    with pytest.raises(kind, match=words) as told:
        provider.claim()
    assert "hunter2" not in str(told.value)


def test_a_provider_that_is_down_is_asked_once_and_said_so(provider: Provider) -> None:
    gone = provider.client(issuer="http://127.0.0.1:1")
    for _ in range(2):
        with pytest.raises(Unavailable, match="the sign-in provider is not reachable"):
            gone.address(BEGUN, BACK)
    client = provider.client()
    for _ in range(3):
        client.address(BEGUN, BACK)
    assert provider.sent == [("discovery", b"")]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"issuer": "https://evil.example"}, "calls itself 'https://evil.example'"),
        ({"token_endpoint": "http://evil.example/t"}, "must begin with https://"),
        ({"jwks_uri": "https://exa mple/k\x00"}, "must begin with https://"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "must begin with https://"),
        ({"jwks_uri": None}, "is not complete"),
    ],
)
def test_a_discovery_document_that_is_wrong_or_unsafe_is_refused(
    provider: Provider, document: dict[str, Any], words: str
) -> None:
    provider.document = document
    with pytest.raises(Misconfigured, match=words):
        provider.client().check()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": "http://login.example.com"}, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://"),
        ({"issuer": "http://["}, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://"),
        ({"issuer": "https://"}, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://"),
        ({"issuer": "http://127.0.0.1@evil.example"}, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://"),
        ({"issuer": "login.example.com"}, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://"),
        ({"credentials": ("", "")}, "LIFTGATE_SERVER__OIDC__CLIENT_ID is missing"),
        ({"scopes": ["email"]}, 'must contain "openid"'),
    ],
)
def test_a_wrong_setting_is_named(provider: Provider, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        provider.client(**changes).check()


def test_the_secret_goes_as_the_provider_wants_it(provider: Provider) -> None:
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    provider.claim()
    authorization, body = provider.sent[-1]
    assert (authorization, b"client_secret=hunter2" in body) == ("", True)
    provider.claim(credentials=("liftgate", ""))
    authorization, body = provider.sent[-1]
    assert (authorization, b"client_id=liftgate" in body, b"client_secret" in body) == ("", True, False)


def test_a_header_counts_once_and_from_a_trusted_proxy() -> None:
    assert named_person(["ada@example.com "], "10.0.0.1", ["10.0.0.1"]) == "ada@example.com"
    assert named_person(["mallory", "ada@example.com"], "10.0.0.1", ["10.0.0.1"]) == ""
    assert named_person(["ada@example.com"], "10.0.0.2", ["10.0.0.1"]) == ""
    assert named_person([], "10.0.0.1", ["10.0.0.1"]) == ""


@pytest.mark.parametrize(
    ("endpoint", "there"),
    [
        (None, ""),
        ("https://login.example.com/end", "https://login.example.com/end?client_id=liftgate&post_logout_redirect_uri="),
        ("https://login.example.com/end?p=1", "https://login.example.com/end?p=1&client_id=liftgate"),
    ],
)
def test_the_way_to_the_providers_sign_out_names_us_and_the_way_back(
    provider: Provider, endpoint: str | None, there: str
) -> None:
    provider.document = {"end_session_endpoint": endpoint} if endpoint else {}
    address = provider.client().sign_out_address("https://liftgate.example.com/")
    assert address.startswith(there) if there else address == ""


@pytest.mark.parametrize("endpoint", ["http://evil.example/end", "javascript:alert(1)"])
def test_an_unsafe_sign_out_stops_that_and_no_sign_in(provider: Provider, endpoint: str) -> None:
    provider.document = {"end_session_endpoint": endpoint}
    assert provider.claim().value == "ada@example.com"
    with pytest.raises(Misconfigured, match="must begin with https://"):
        provider.client().sign_out_address("https://liftgate.example.com/")
