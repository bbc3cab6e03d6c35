"""One address may try to sign in only so often, and the memory of addresses has an end."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import NO_CERTIFICATES

from liftgate.integrations.identity.proxy import named_person
from liftgate.server.app import application
from liftgate.server.limits import Limit
from liftgate.services import session
from liftgate.services.recent import MOST, Recent
from liftgate.services.session import CALLBACK
from tests.clocks import Ahead
from tests.server.conftest import world
from tests.server.test_oidc import issuer, oidc
from tests.server.world import World, server_world

__all__ = ["issuer", "world"]
BEHIND = "198.51.100.7"


def browser(world: World, **headers: str) -> httpx.Client:
    return httpx.Client(verify=NO_CERTIFICATES, base_url=world.url, headers=headers, trust_env=False, timeout=30)


def bad(http: httpx.Client, origin: str) -> httpx.Response:
    return http.post("/sign-in", data={"ticket": "x.y", "to": "/"}, headers={"origin": origin})


def good(world: World, http: httpx.Client) -> httpx.Response:
    ticket = httpx.URL(session.link(world.at, "ada")).params["ticket"]
    return http.post("/sign-in", data={"ticket": ticket, "to": "/"}, headers={"origin": world.url})


def test_after_ten_failures_an_address_waits_whatever_it_brings(world: World) -> None:
    clock = Ahead()
    world.at.clock = clock
    http = browser(world)
    assert [bad(http, world.url).status_code for _ in range(10)] == [403] * 10
    late = good(world, http)
    assert (late.status_code, "Too many sign-ins came from your network address" in late.text) == (429, True)
    assert 0 < int(late.headers["retry-after"]) <= 300
    assert "set-cookie" not in late.headers
    assert http.get("/sign-in").status_code == 200, "the page itself is no try"
    assert http.get("/sign-in", params={"ticket": "x.y"}).status_code == 429
    assert http.get("/").status_code == 200, "and nothing else is limited"
    clock.ahead = 300
    assert good(world, http).status_code == 303


def test_the_start_and_the_return_at_the_provider_are_tries(tmp_path: Path, issuer: str) -> None:
    with server_world(tmp_path, None, **oidc(issuer)) as world:
        http = browser(world)
        begun = [http.get("/sign-in/oidc").status_code for _ in range(61)]
        assert begun == [303] * 60 + [429]
        assert http.get(CALLBACK).status_code == 429
        with serve(application(world.another())) as second:
            http = httpx.Client(base_url=second.url, verify=NO_CERTIFICATES, trust_env=False, timeout=30)
            returned = [http.get(CALLBACK, params={"state": "x", "code": "y"}).status_code for _ in range(11)]
            assert returned == [403] * 10 + [429]


def test_behind_a_trusted_proxy_each_person_has_a_limit_of_their_own(world: World) -> None:
    """The test's own address is a trusted proxy, as by default."""
    for name in (f"evil, {BEHIND}", f"{BEHIND}"):
        one = browser(world, **{"x-forwarded-for": name})
        assert {bad(one, world.url).status_code for _ in range(5)} == {403}
    assert bad(browser(world, **{"x-forwarded-for": f"198.51.100.8, {BEHIND}"}), world.url).status_code == 429
    assert good(world, browser(world, **{"x-forwarded-for": "198.51.100.8"})).status_code == 303
    assert good(world, browser(world)).status_code == 303


def test_the_port_that_a_proxy_names_too_makes_no_other_person(world: World) -> None:
    forms = [f"198.51.100.9:{50_000 + number}" for number in range(5)]
    mapped = "::ffff:198.51.100.9"
    forms += ["198.51.100.9", mapped, f"[{mapped}]", f"[{mapped}]:443", "::ffff:c633:6409"]
    found = [bad(browser(world, **{"x-forwarded-for": form}), world.url).status_code for form in [*forms, forms[0]]]
    assert found == [403] * 10 + [429]


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "2001:0DB8::1"])
def test_a_proxys_address_may_be_written_in_any_way(peer: str) -> None:
    assert named_person(["ada@example.com"], peer, ["::ffff:10.0.0.1", "2001:DB8:0::1"]) == "ada@example.com"
    assert named_person(["ada@example.com"], "10.0.0.2", ["10.0.0.1"]) == ""


@pytest.mark.parametrize(
    ("peer", "name"), [("10.1.2.3", "ada"), ("::ffff:10.1.2.3", "ada"), ("11.0.0.1", ""), ("", "")]
)
def test_proxies_may_be_named_by_their_network(peer: str, name: str) -> None:
    assert named_person(["ada"], peer, ["2001:db8::/32", "10.0.0.0/8"]) == name


def test_any_other_sender_gains_nothing_by_that_header(tmp_path: Path) -> None:
    with server_world(tmp_path, LIFTGATE_SERVER__TRUSTED_PROXIES='["10.0.0.1"]') as world:
        found = [bad(browser(world, **{"x-forwarded-for": f"198.51.100.{n}"}), world.url) for n in range(11)]
        assert [each.status_code for each in found] == [403] * 10 + [429]


def test_addresses_of_one_ipv6_network_are_one(world: World) -> None:
    found = [bad(browser(world, **{"x-forwarded-for": f"2001:db8:1:2::{n:x}"}), world.url) for n in range(11)]
    assert [each.status_code for each in found] == [403] * 10 + [429]
    assert bad(browser(world, **{"x-forwarded-for": "2001:db8:1:3::1"}), world.url).status_code == 403


def test_another_sites_page_does_not_use_up_its_visitors_tries(world: World) -> None:
    embedded = browser(world, **{"sec-fetch-dest": "image", "sec-fetch-site": "cross-site"})
    assert {embedded.get("/sign-in", params={"ticket": "x.y"}).status_code for _ in range(20)} == {403}
    assert good(world, browser(world)).status_code == 303


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


def test_thousands_of_addresses_do_not_fill_the_memory_and_it_forgets_all_of_them(clock: Ahead) -> None:
    limit = Limit(clock, 1, 60.0)
    for number in range(3 * MOST):
        assert limit.take(f"address-{number}") == 0.0
    assert len(limit._seen) == MOST
    assert limit.take(f"address-{3 * MOST - 1}") > 0, "the newest ones are known"
    clock.ahead = 60
    assert limit.take("another") == 0.0
    assert len(limit._seen) == 1


def test_a_limit_counts_from_the_first_try_and_a_refused_one_makes_it_no_longer(clock: Ahead) -> None:
    limit = Limit(clock, 2, 60.0)
    assert [limit.take("a") for _ in range(2)] == [0.0, 0.0]
    clock.ahead = 50
    assert 0 < limit.take("a") <= 10
    assert limit.take("b") == 0.0
    clock.ahead = 60.1
    assert limit.take("a") == 0.0


def test_what_was_kept_again_is_as_young_as_that() -> None:
    recent = Recent[str](10, most=2)
    recent.keep("a", "1", 0)
    recent.keep("b", "1", 1)
    recent.keep("a", "2", 5)
    assert (recent.get("a", 11), recent.get("b", 11)) == ("2", None)
    recent.keep("c", "1", 12)
    recent.keep("d", "1", 12)
    assert (recent.get("a", 12), recent.get("d", 12)) == (None, "1")
    recent.forget("d")
    assert recent.get("d", 12) is None
