"""Two people sign in, read and approve with Tab, Enter and Space alone: each stop is seen, named, and in its order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page
from sandbox_tests.plain import eventually

from liftgate.services import session
from tests.examples import text
from tests.lab import configured
from tests.server.test_in_a_browser import browser, chromium, page, shot
from tests.server.world import World

__all__ = ["browser", "chromium", "page"]
pytestmark = pytest.mark.browser
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


def test_sign_in_is_offered_on_each_page_where_it_is_possible_and_on_no_other(world: World) -> None:
    run, _ = world.waiting("rosa")
    paths = ("/prefect/", f"/promotions/{run}", "/pause", "/history")
    for path in paths:
        assert 'href="/sign-in?to=' in world.http().get(path).text, path
    server = world.at.settings.server.model_copy(update={"url": ""})
    world.at.settings = world.at.settings.model_copy(update={"server": server})
    for path in paths:
        assert "/sign-in" not in world.http().get(path).text, path
