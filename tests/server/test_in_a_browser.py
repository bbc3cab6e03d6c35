"""The pages in a real browser: they look after themselves, on a phone too, and break no policy. With the
keyboard alone each stop is seen, named, and in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page
from sandbox_tests.plain import eventually, http

from liftgate.domain.runs.run_notes import Check
from liftgate.services import session
from liftgate.services.notes import Notes
from tests.browser import shot
from tests.examples import NOW, entry, text
from tests.lab import configured
from tests.server.test_oidc import issuer, oidc
from tests.server.test_rollbacks import past
from tests.server.world import World, server_world

__all__ = ["issuer", "past"]
pytestmark = pytest.mark.browser
WHY = "rolled back to 1.4.1 in 21 s: health check: database unreachable"
COMPLAINTS = ("error", "warning")
"""Kinds of messages; Chromium's others are no fault of the page, such as an autofocus that a quick key came before."""


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    """Fails for whatever the browser complains of, such as a broken policy."""
    page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(10_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in COMPLAINTS else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


def test_a_person_signs_in_and_opens_the_gate(world: World, page: Page) -> None:
    plan = world.plan()
    world.record(entry(environment="dev", promotion="11111111-1111-4111-8111-111111111112", release=plan.release_id,
                       source=plan.source))  # fmt: skip
    world.record(entry(environment="prod", promotion="11111111-1111-4111-8111-111111111113", outcome="rolled back",
                       reason=WHY, version="1.4.0"))  # fmt: skip
    run, _ = world.waiting(requested_by="")
    page.goto(session.link(world.at, "ada"))
    shot(page, "sign-in")
    page.get_by_role("button", name="Sign in as ada").click()
    shot(page, "board")
    page.get_by_text("Look and decide").click()
    shot(page, "promotion")
    page.get_by_label("Reason").fill("looks good")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("you have already approved this").wait_for()
    shot(page, "promotion-voted")
    assert world.votes(run) == ["ada"]


def test_a_gate_is_never_changed_under_a_button(world: World, page: Page) -> None:
    """What a person is about to approve stays what they see, until they look again."""
    run, plan = world.waiting(requested_by="")
    page.goto(session.link(world.at, "ada", f"/promotions/{run}"))
    page.get_by_role("button", name="Sign in as ada").click()
    page.get_by_role("button", name="Approve").wait_for()
    before = world.shown(run, plan)
    Notes(world.at.runs, run).keep_checks(Check(step="json-lint", state="passed", reason="1 file", at=NOW))
    page.get_by_text("has changed since you opened the page").wait_for()
    assert page.locator("input[name=shown]").input_value() == before
    assert page.get_by_role("button", name="Approve").is_disabled()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("you have already approved this").wait_for()
    assert world.votes(run) == ["ada"]


def test_the_board_shows_what_changed_without_being_asked(world: World, page: Page) -> None:
    page.goto(world.url)
    world.waiting()
    page.get_by_text("Look and decide").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(world: World, browser: Any, scheme: Any) -> None:
    run, _ = world.waiting()
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    for path, name in (("/", "board"), (f"/promotions/{run}", "promotion"), ("/history", "history")):
        page.goto(world.url + path)
        shot(page, f"phone-{scheme}-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_person_sees_what_goes_before_going_back_to_a_chosen_promotion(past: World, page: Page) -> None:
    page.goto(session.link(past.at, "ada"))
    page.get_by_role("button", name="Sign in as ada").click()
    shot(page, "board-with-the-way-back")
    page.get_by_text("roll back to this").click()
    page.get_by_role("heading", name="Roll back prod to 1.4.2").wait_for()
    page.get_by_label("Reason").fill("a bad day")
    shot(page, "going-back")
    page.get_by_role("button", name="Roll back prod to 1.4.2").focus()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "going-back-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_person_pauses_and_resumes(world: World, page: Page) -> None:
    page.goto(session.link(world.at, "ada"))
    page.get_by_role("button", name="Sign in as ada").click()
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Where").select_option("prod")
    page.get_by_label("Reason").fill("the database is down")
    shot(page, "pause")
    page.get_by_role("button", name="Pause promotions").click()
    page.get_by_role("button", name="Resume promotions to prod").wait_for()
    shot(page, "paused")
    page.get_by_role("link", name="Board").click()
    page.get_by_text("promotions to prod are paused by ada").wait_for()
    shot(page, "board-paused")
    page.goto(f"{world.url}/pause")
    page.get_by_role("button", name="Resume promotions to prod").click()
    page.get_by_text("Nothing is paused.").wait_for()


MOST = 40
"""Presses of Tab to any place of a page."""
STOP = """() => {
  const at = document.activeElement, style = getComputedStyle(at), place = at.getBoundingClientRect();
  const middle = document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2);
  const label = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent ?? at.value;
  return {
    name: (label || "").trim().replace(/\\s+/g, " "), tag: at.tagName.toLowerCase(),
    isSeen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isCovered: middle !== null && !at.contains(middle) && !middle.contains(at),
  };
}"""


def tab_to(page: Page, name: str) -> list[str]:
    """Press Tab until the link, button or field of that name has the focus; the names of all stops on the way."""
    passed: list[str] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(STOP)
        assert stop["name"], f"a {stop['tag']} after {passed} has no name"
        assert stop["isSeen"], f"the focus on {stop['name']} is not visible"
        assert not stop["isCovered"], f"{stop['name']} has the focus and is covered"
        passed.append(stop["name"])
        if stop["name"] == name:
            return passed
    raise AssertionError(f"the Tab key does not reach {name}: {passed}")


def signed_in(world: World, page: Page, person: str, run: str) -> None:
    """By a link, as a mail or a terminal opens it; then from the board to the promotion."""
    page.goto(session.link(world.at, person))
    tab_to(page, f"Sign in as {person}")
    page.keyboard.press("Space")
    page.get_by_text("Waiting for people").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate(STOP)["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, page.locator("a.ask").inner_text().replace("\n", " ").strip())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(run))


def test_two_people_approve_with_the_keyboard_alone(world: World, browser: Any) -> None:
    policy = {"prod": {"approvals": {"needed": 2, "from": ["ada", "grace", "rosa"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    run, _ = world.waiting("rosa")
    for person, key, then in (("ada", "Space", "you have already approved this"), ("grace", "Enter", "grace approved")):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(10_000)
        signed_in(world, page, person, run)
        assert page.get_by_role("heading", name="Plan").is_visible()
        stops = tab_to(page, "Reject")
        assert stops[:2] == ["Skip to the content", "Liftgate"], "first the way past the menu"
        assert stops[-4:-2] == ["Board", "Reason (optional)"], stops
        assert stops[-2:] == ["Approve", "Reject"]
        page.keyboard.press("Shift+Tab")
        shot(page, f"keyboard-{person}")
        page.keyboard.press(key)
        page.get_by_text(then).wait_for()
        page.context.close()
    assert sorted(world.votes(run)) == ["ada", "grace"]
    assert world.resumes(run) == 1


def test_a_page_that_refreshes_itself_leaves_the_focus_where_it_was(world: World, page: Page) -> None:
    run, _ = world.waiting("rosa")
    page.goto(session.link(world.at, "ada", f"/promotions/{run}"))
    tab_to(page, "Sign in as ada")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Approve").wait_for()
    tab_to(page, "Approve")
    before = page.evaluate_handle("document.activeElement")
    gone = "each => !document.contains(each)"
    assert eventually(lambda: page.evaluate(gone, before), within=30)
    stop = page.evaluate(STOP)
    assert (stop["name"], stop["isSeen"]) == ("Approve", True)
    page.keyboard.press("Space")
    page.get_by_text("ada approved").wait_for()
    assert world.votes(run) == ["ada"]


@pytest.fixture
def provided(tmp_path: Path, issuer: str) -> Iterator[World]:
    """Where people sign in at a provider."""
    with server_world(tmp_path, None, **oidc(issuer)) as world:
        yield world


def press(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Reach it with the Tab key, then press Enter."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    wanted.wait_for()
    for _ in range(40):
        if wanted.evaluate("each => each === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {name}")


def test_a_person_signs_in_votes_and_signs_out_with_the_keyboard(provided: World, page: Page) -> None:
    """At a real provider."""
    world = provided
    run, plan = world.waiting(requested_by="")
    page.route(
        re.compile(r"//(?!127\.)|favicon"), lambda route: route.fulfill(body="")
    )  # what the package's page wants
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{world.url}/promotions/{run}")
    shot(page, "oidc-promotion-signed-out")
    press(page, "link", "Sign in")
    page.wait_for_url(re.compile("/sign-in"))
    shot(page, "oidc-sign-in")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    press(page, "link", "Sign in with Example")
    page.locator("[name=sub]").first.fill("ada")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{world.url}/promotions/{run}")
    press(page, "button", "Approve")
    page.get_by_text("you have already approved this").wait_for()
    shot(page, "oidc-voted")
    assert world.votes(run) == ["ada"]

    copied = {"cookie": "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies(world.url))}
    assert "Sign out" in http.get(f"{world.url}/", headers=copied).text
    press(page, "button", "Sign out")
    press(page, "button", "End session")  # the provider's question
    page.get_by_role("link", name="Sign in", exact=True).wait_for()
    shot(page, "oidc-signed-out")
    assert page.context.cookies(world.url) == []
    assert "Sign out" not in http.get(f"{world.url}/", headers=copied).text
    body = world.ballot(run, plan, "reject")
    refused = http.post(f"{world.url}/api/v1/promotions/{run}/decision", json=body, headers=copied)
    assert refused.status_code == 401
