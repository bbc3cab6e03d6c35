"""A link is printed only for a promotion that waits, and made out only to a person who may decide it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from liftgate_sandbox.town import BOT, token_of

from liftgate.services import session
from tests.cli.conftest import Said
from tests.examples import SERVER, private_text, text
from tests.lab import configured
from tests.server.conftest import real_world as world
from tests.server.world import World

__all__ = ["world"]
pytestmark = pytest.mark.prefect
Approve = Callable[..., Said]
NOT_THEY = {
    "adda": '"adda" is not in people of liftgate.json; did you mean "ada"?',
    "liftgate-bot": "is not in people of liftgate.json; known: ada, grace, rosa",
    "rosa": "rosa requested this promotion",
}
"""Who may not decide what rosa requested, and why."""


@pytest.fixture
def approve(world: World, liftgate: Callable[..., Said]) -> Approve:
    """With the settings of an operator at the Liftgate server, but for its key."""
    settings = {
        "LIFTGATE_STATE": str(world.lab.folder / "operator"),
        "LIFTGATE_REPOSITORY__URL": world.lab.town.repository_url,
        "LIFTGATE_REPOSITORY__TOKEN": token_of(BOT),
        "LIFTGATE_PREFECT__API_URL": world.lab.prefect.url,
        "LIFTGATE_PREFECT__AUTH_STRING": world.lab.prefect.secret,
        "LIFTGATE_PREFECT__NAME": world.name,
        "LIFTGATE_SERVER__URL": f"{world.url}/",
    }
    return lambda *arguments, **more: liftgate("approve", *arguments, **settings | more)


@pytest.fixture
def key() -> dict[str, str]:
    return {"LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER)}


def test_it_gives_the_page_of_a_promotion_that_waits_and_with_the_servers_key_a_link_that_signs_in(
    world: World, approve: Approve, key: dict[str, str]
) -> None:
    run, _ = world.waiting()
    assert approve(run).out == f"{world.url}/promotions/{run}\n"
    page = urlsplit(approve(run, "--as", "ada", **key).out.strip())
    given = parse_qs(page.query)
    ticket = session.read(world.at, session.Link, given["ticket"][0])
    assert ticket is not None
    assert (ticket.person, given["to"]) == ("ada", [f"/promotions/{run}"])


def test_a_person_who_may_not_decide_gets_no_link(world: World, approve: Approve, key: dict[str, str]) -> None:
    run, _ = world.waiting("rosa")
    for person, words in NOT_THEY.items():
        said = approve(run, "--as", person, **key)
        assert (said.code, said.out) == (3, "")
        assert words in said.err


def test_a_person_outside_from_gets_no_link(world: World, approve: Approve, key: dict[str, str]) -> None:
    rules = {"prod": {"approvals": {"needed": 1, "from": ["grace"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=rules))})
    run, _ = world.waiting("rosa")
    said = approve(run, "--as", "ada", **key)
    assert (said.code, said.out) == (3, "")
    assert "ada may not decide here; grace may" in said.err


def test_a_promotion_that_is_unknown_or_waits_for_nothing_gets_no_link(world: World, approve: Approve) -> None:
    for unknown in ("some-id", "11111111-1111-4111-8111-111111111111"):
        said = approve(unknown)
        assert (said.code, said.out) == (3, "")
        assert f"there is no promotion {unknown}" in said.err
    run = world.run()
    assert "waits for no decision: scheduled" in approve(run).err
    world.put(run, "COMPLETED", "Promoted", "promoted: synced in 2.0 s")
    said = approve(run, "--as", "ada")
    assert (said.code, said.out) == (3, "")
    assert "waits for no decision: promoted: synced in 2.0 s" in said.err


def test_without_the_servers_address_the_setting_is_named(liftgate: Callable[..., Said]) -> None:
    said = liftgate("approve", "some-id")
    assert said.code == 5
    assert "LIFTGATE_SERVER__URL" in said.err
