"""Who somebody is: links, cookies, the trusted proxy, and pages elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.config.people import Claim
from liftgate.errors import Unavailable
from liftgate.server import sign_in
from liftgate.server.state import ServerState
from liftgate.services import session
from liftgate.services.session import Link, Session
from tests.server.world import World, server_world

PROXY = {"LIFTGATE_SERVER__TRUSTED_HEADER": "X-Forwarded-Email"}


def use(world: World, link: str, **headers: str) -> httpx.Response:
    form = {"ticket": httpx.URL(link).params["ticket"], "to": httpx.URL(link).params["to"]}
    return world.http().post("/sign-in", data=form, headers={"origin": world.url} | headers)


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(world: World) -> None:
    link = session.link(world.at, "ada", to="/history")
    http = world.http()
    for _ in range(2):
        assert "Sign in as ada" in http.get(link).text
    first, second = use(world, link), use(world, link)
    assert (first.status_code, first.headers["location"], second.status_code) == (303, "/history", 403)
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "set-cookie" not in second.headers


def test_a_link_is_not_used_up_while_git_cannot_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    link = session.link(world.at, "ada")

    def unreadable(_: ServerState) -> Configuration:
        raise Unavailable("the repository does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(ServerState, "in_force", property(unreadable))
        failed = use(world, link)
        assert (failed.status_code, "set-cookie" in failed.headers) == (503, False)
    assert [use(world, link).status_code for _ in range(2)] == [303, 403]


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
def test_a_link_leads_nowhere_else(world: World, to: str) -> None:
    assert use(world, session.link(world.at, "ada", to=to)).headers["location"] == "/"


@given(st.text(st.sampled_from("/\\:@.?#%\t\n\r ae\u00a0\u2028"), max_size=12), st.sampled_from(["", "/", "//", "/\\"]))
def test_no_text_leads_to_another_site(text: str, start: str) -> None:
    """As browsers read addresses: they drop tabs and line ends, and take a backslash for a slash."""
    to = sign_in._here(start + text)
    seen = to.translate({ord(each): None for each in "\t\n\r"}).strip().replace("\\", "/")
    parts = urlsplit(urljoin("https://liftgate.example.com/sign-in", seen))
    assert (parts.scheme, parts.netloc) == ("https", "liftgate.example.com")


def test_forged_and_changed_tickets_are_worth_nothing(world: World) -> None:
    soon = world.at.clock.now() + session.LINK_LIFE
    good = session.seal(world.at, Link(person="ada", until=soon))
    other = session.seal(world.at, Link(person="grace", until=soon))
    mixed = f"{other.split('.')[0]}.{good.split('.')[1]}"
    late = session.seal(world.at, Link(person="ada", until=soon - 2 * session.LINK_LIFE))
    claim = Claim(kind="name", value="ada")
    cookie = session.seal(world.at, Session(claim=claim, person="ada", known=True, until=soon))
    for token in ("", ".", "x.y", mixed, late, cookie, good + "0"):
        assert session.read(world.at, Link, token) is None
    assert session.read(world.at, Session, good) is None


def test_a_link_made_out_to_nobody_of_ours_is_shown_as_such(world: World) -> None:
    run, _ = world.waiting()
    page = world.http("mallory").get(f"/promotions/{run}").text
    assert "mallory is not in people of liftgate.json" in page


def test_the_header_counts_from_the_trusted_proxy_only(tmp_path: Path) -> None:
    with server_world(tmp_path, None, **PROXY) as world:
        run, _ = world.waiting()
        ada = world.http(**{"x-forwarded-email": "ADA@example.com"})
        assert "Approve" in ada.get(f"/promotions/{run}").text
        stranger = world.http(**{"x-forwarded-email": "ada"}).get(f"/promotions/{run}").text
        elsewhere = world.at.settings.server.model_copy(update={"trusted_proxies": ["10.0.0.1"]})
        world.at.settings = world.at.settings.model_copy(update={"server": elsewhere})
        assert "sign in to decide" in ada.get(f"/promotions/{run}").text
        assert "sign in" not in stranger or "not in people" in stranger


def test_a_page_elsewhere_decides_nothing(world: World) -> None:
    run, plan = world.waiting()
    http, form = world.http("ada"), world.ballot(run, plan)
    for origin in ("https://evil.example", "null", ""):
        headers = {"origin": origin} if origin else {}
        assert http.post(f"/promotions/{run}/decision", data=form, headers=headers).status_code == 403
    assert http.post(f"/promotions/{run}/decision", data=form, headers={"origin": world.url}).status_code == 303
    assert world.votes(run) == ["ada"]


def test_without_a_signing_key_the_pages_only_show(tmp_path: Path) -> None:
    with server_world(tmp_path, LIFTGATE_SERVER__SIGNING_KEY="") as world:
        run, plan = world.waiting()
        http = world.http(cookie="liftgate=x.y")
        assert "this page is read-only" in http.get(f"/promotions/{run}").text
        answer = http.post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
        assert answer.status_code == 401


def test_signing_out_forgets_the_person(world: World) -> None:
    run, _ = world.waiting()
    http = world.http("ada")
    assert "ada" in http.get(f"/promotions/{run}").text
    http.post("/sign-out", headers={"origin": world.url})
    assert "sign in to decide" in http.get(f"/promotions/{run}").text


def test_sign_in_is_offered_on_each_page_where_it_is_possible_and_on_no_other(world: World) -> None:
    run, _ = world.waiting("rosa")
    paths = ("/prefect/", f"/promotions/{run}", "/pause", "/history")
    for path in paths:
        assert 'href="/sign-in?to=' in world.http().get(path).text, path
    server = world.at.settings.server.model_copy(update={"url": ""})
    world.at.settings = world.at.settings.model_copy(update={"server": server})
    for path in paths:
        assert "/sign-in" not in world.http().get(path).text, path
