"""Sign-in at a real OpenID Connect provider, step by step as a browser goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.serve import serve

from liftgate.server.app import application
from liftgate.services.session import CALLBACK
from liftgate.settings.sections import Oidc
from tests.examples import text
from tests.identity_provider import provider
from tests.lab import configured
from tests.server.world import World, server_world


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as issuer:
        yield issuer


def oidc(issuer: str, **more: str) -> dict[str, str]:
    return {
        "LIFTGATE_SERVER__OIDC__ISSUER": issuer,
        "LIFTGATE_SERVER__OIDC__CLIENT_ID": "liftgate",
        "LIFTGATE_SERVER__OIDC__CLIENT_SECRET": "client-hunter2",
        "LIFTGATE_SERVER__OIDC__NAME": "Example",
        **{f"LIFTGATE_SERVER__OIDC__{name}": value for name, value in more.items()},
    }


@pytest.fixture
def world(tmp_path: Path, issuer: str) -> Iterator[World]:
    with server_world(tmp_path, None, **oidc(issuer)) as world:
        yield world


def begin(browser: httpx.Client, to: str = "/") -> str:
    """The provider's address that the browser is sent to."""
    sent = browser.get("/sign-in/oidc", params={"to": to})
    assert sent.status_code == 303
    return sent.headers["location"]


def agree(address: str, user: str) -> str:
    """The user signs in there; where the browser is sent back to."""
    with httpx.Client(trust_env=False) as there:
        assert there.get(address).status_code == 200
        return there.post(address, data={"sub": user}).headers["location"]


def sign_in(world: World, user: str, to: str = "/") -> tuple[httpx.Client, httpx.Response]:
    browser = world.http()
    return browser, browser.get(agree(begin(browser, to), user))


def test_a_person_signs_in_and_decides(world: World) -> None:
    run, plan = world.waiting()
    page = f"/promotions/{run}"
    ada, back = sign_in(world, "ada", to=page)
    assert (back.status_code, back.headers["location"]) == (303, page)
    form = world.ballot(run, plan)
    assert ada.post(f"{page}/decision", data=form, headers={"origin": world.url}).status_code == 303
    assert world.votes(run) == ["ada"]


def test_the_address_has_state_nonce_and_challenge_and_they_are_new_each_time(world: World) -> None:
    browser = world.http()
    first, second = (httpx.URL(begin(browser)).params for _ in range(2))
    assert first["scope"] == "openid email"
    assert first["redirect_uri"] == f"{world.url}{CALLBACK}"
    assert first["code_challenge_method"] == "S256"
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))
    cookie = browser.get("/sign-in/oidc").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    ("user", "sentence"),
    [("grace", "has not verified your e-mail address"), ("unknown-user", "has not verified your e-mail address")],
)
def test_an_address_that_the_provider_has_not_verified_signs_no_person_in(
    world: World, user: str, sentence: str
) -> None:
    _, back = sign_in(world, user)
    assert back.status_code == 403
    assert sentence in back.text
    assert "liftgate=ey" not in back.headers.get("set-cookie", "")


def test_a_person_outside_people_is_shown_as_such_and_may_not_decide(world: World) -> None:
    run, _ = world.waiting()
    mallory, _ = sign_in(world, "mallory")
    assert "mallory@example.com is not in people" in mallory.get(f"/promotions/{run}").text


def test_another_claim_is_compared_with_the_ids_in_people(tmp_path: Path, issuer: str) -> None:
    with server_world(tmp_path, None, **oidc(issuer, CLAIM="employee")) as world:
        people = configured(world.lab)["people"]
        people["grace"]["oidc"] = "E-1"
        world.lab.commit({"liftgate.json": text(configured(world.lab) | {"people": people})})
        world.at.git.fetch()
        browser, _ = sign_in(world, "ada")
        assert '<span class="person">grace</span>' in browser.get("/").text
        _, back = sign_in(world, "grace")
        assert (back.status_code, "does not tell your employee" in back.text) == (403, True)


def test_an_answer_counts_once_and_only_in_the_browser_that_began(world: World) -> None:
    browser = world.http()
    address = agree(begin(browser), "ada")
    for stranger in (world.http(), sign_in(world, "mallory")[0]):
        refused = stranger.get(address)
        assert (refused.status_code, "browser did not begin this sign-in here" in refused.text) == (403, True)
    other = world.http()
    begin(other)
    wrong = other.get(address)
    assert (wrong.status_code, "does not belong to the sign-in" in wrong.text) == (403, True)
    kept = dict(browser.cookies)
    assert browser.get(address).status_code == 303
    again = world.http(cookie="; ".join(f"{name}={value}" for name, value in kept.items())).get(address)
    assert (again.status_code, "was used, or it is too old" in again.text) == (403, True)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(world: World) -> None:
    """The thief begins a sign-in of their own, and puts the victim's code into its answer."""
    stolen = httpx.URL(agree(begin(world.http()), "ada")).params["code"]
    thief = world.http()
    state = httpx.URL(begin(thief)).params["state"]
    refused = thief.get(CALLBACK, params={"code": stolen, "state": state})
    assert refused.status_code == 403
    assert "Sign out" not in thief.get("/").text


def test_who_denies_is_told_so(world: World) -> None:
    browser = world.http()
    state = httpx.URL(begin(browser)).params["state"]
    back = browser.get(CALLBACK, params={"error": "access_denied", "state": state, "error_description": "<b>hi</b>"})
    assert (back.status_code, "Example did not sign you in" in back.text, "<b>hi" in back.text) == (403, True, False)


def test_a_provider_that_is_down_is_named_and_links_still_work(tmp_path: Path) -> None:
    with server_world(tmp_path, None, **oidc("http://127.0.0.1:1")) as world:
        down = world.http().get("/sign-in/oidc")
        assert (down.status_code, "the sign-in provider is not reachable" in down.text.lower()) == (503, True)
        assert "Sign out" in world.http("ada").get("/").text


def test_the_page_offers_what_is_configured(world: World, tmp_path: Path) -> None:
    offered = world.http().get("/sign-in", params={"to": "/history"}).text
    assert 'href="/sign-in/oidc?to=/history"' in offered
    assert "Sign in with Example" in offered
    assert 'href="/sign-in?to=/history"' in world.http().get("/history").text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_sign_in_leads_nowhere_else(world: World, to: str) -> None:
    assert sign_in(world, "ada", to)[1].headers["location"] == "/"


def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    with server_world(tmp_path) as world:
        assert world.http().get("/sign-in/oidc").status_code == 404
        assert world.http().get(CALLBACK).status_code == 404
        assert "liftgate approve" in world.http().get("/sign-in").text


def test_sign_out_leads_to_the_provider_and_back(world: World) -> None:
    ada, _ = sign_in(world, "ada")
    cookies = dict(ada.cookies)
    out = ada.post("/sign-out", headers={"origin": world.url})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-out")
    onward = ada.get("/sign-out")
    there = httpx.URL(onward.headers["refresh"].removeprefix("0; url="))
    assert there.path == "/oauth2/end_session"
    assert dict(there.params) == {"client_id": "liftgate", "post_logout_redirect_uri": f"{world.url}/"}
    assert "Sign out at Example too" in onward.text
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(there).status_code == 200
        back = browser.post(there.join("/oauth2/end_session/confirm"), data={"redirect_uri": f"{world.url}/"})
    assert back.headers["location"] == f"{world.url}/"
    copied = world.http(cookie="; ".join(f"{name}={value}" for name, value in cookies.items()))
    assert "Sign out" not in copied.get("/").text, "and a copy of the cookie is worth nothing"


def test_a_person_who_came_by_a_link_signs_out_here_only(world: World) -> None:
    out = world.http("ada").post("/sign-out", headers={"origin": world.url})
    assert (out.status_code, out.headers["location"]) == (303, "/")


def test_a_provider_that_is_down_at_sign_out_keeps_no_session_here(tmp_path: Path) -> None:
    with provider() as issuer, server_world(tmp_path, None, **oidc(issuer)) as world:
        ada, _ = sign_in(world, "ada")
        gone = world.another(server=world.at.settings.server.model_copy(update={"oidc": unreachable(world)}))
        with serve(application(gone)) as second:
            headers = {"origin": world.url, "cookie": "; ".join(f"{k}={v}" for k, v in ada.cookies.items())}
            out = httpx.post(f"{second.url}/sign-out", headers=headers, trust_env=False)
            assert (out.status_code, out.headers["location"]) == (303, "/sign-out")
            told = httpx.get(f"{second.url}/sign-out", trust_env=False)
        assert told.status_code == 503
        assert "You are signed out here, but perhaps not at Example" in told.text
        assert "Sign out" not in ada.get("/").text


def unreachable(world: World) -> Oidc:
    return world.at.settings.server.oidc.model_copy(update={"issuer": "http://127.0.0.1:1"})


def test_without_an_address_at_the_provider_sign_out_ends_here(tmp_path: Path) -> None:
    with server_world(tmp_path) as world:
        there = world.http().get("/sign-out")
        assert (there.status_code, there.headers["location"]) == (303, "/")
