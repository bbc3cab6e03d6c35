"""GitHub Apps, as a client meets them."""

from __future__ import annotations

import time
from functools import cache

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox_tests.forge.world import REPOSITORY, World, git
from sandbox_tests.plain import NO_CERTIFICATES


@cache
def own_key() -> RSAKey:
    """To make one takes a while, in every process that collects the tests."""
    return RSAKey.generate_key(2048)


def api(world: World, token: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.Client(verify=NO_CERTIFICATES, base_url=f"{world.url}/api/v3", headers=headers, timeout=20)


def signed(*, key: RSAKey | None = None, issuer: str = "Iv1", ends: int = 500) -> str:
    now = int(time.time())
    return jwt.encode({"alg": "RS256"}, {"iss": issuer, "iat": now - 60, "exp": now + ends}, key or own_key())


@pytest.fixture
def installed(world: World) -> World:
    world.forge.add_app("Iv1", own_key().as_pem(private=False).decode(), repositories=(REPOSITORY,))
    return world


def test_an_app_gets_a_token_that_is_good_for_the_api_and_git(installed: World) -> None:
    installed.plant({"a": "1"})
    with api(installed, signed()) as app:
        number = app.get(f"/repos/{REPOSITORY}/installation").json()["id"]
        made = app.post(f"/app/installations/{number}/access_tokens", json={"repositories": ["config"]})
    assert made.status_code == 201
    token = made.json()["token"]
    with api(installed, token) as client:
        assert client.get(f"/repos/{REPOSITORY}").json()["permissions"]["push"] is True
    assert git(installed.folder, "ls-remote", installed.remote(token)).stdout
    installed.forge.core.issued.clear()
    with api(installed, token) as client:
        assert client.get(f"/repos/{REPOSITORY}").status_code == 401


def test_another_key_app_or_time_is_refused(installed: World) -> None:
    """Signed in the test: of those that were signed when the tests were collected, one is right some minutes later."""
    wrong = (signed(key=RSAKey.generate_key(2048)), signed(issuer="Iv2"), signed(ends=-5), signed(ends=900), "x")
    for token in wrong:
        with api(installed, token) as app:
            assert app.get("/app").status_code == 401, token
    with api(installed, signed()) as app:
        assert app.get("/app").status_code == 200


def test_an_app_is_only_in_its_repositories(installed: World) -> None:
    installed.forge.create_repository("team/other")
    with api(installed, signed()) as app:
        assert app.get("/repos/team/other/installation").status_code == 404
        number = app.get(f"/repos/{REPOSITORY}/installation").json()["id"]
        wanted = {"repositories": ["other"]}
        assert app.post(f"/app/installations/{number}/access_tokens", json=wanted).status_code == 422
