"""The pages in a real browser: they look after themselves, on a phone too, and break no policy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from liftgate.domain.runs.run_notes import Check
from liftgate.services import session
from liftgate.services.notes import Notes
from tests.examples import NOW, entry
from tests.server.test_rollbacks import past
from tests.server.world import World

__all__ = ["past"]
pytestmark = pytest.mark.browser
WHY = "rolled back to 1.4.1 in 21 s: health check: database unreachable"


PROGRAM = "/usr/lib/chromium/chromium"
"""Debian's /usr/bin/chromium is a script that asks dozens of programs about the machine before it starts this one."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One for the tests of a file: it takes seconds to start."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=PROGRAM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def browser(chromium: Any) -> Iterator[Any]:
    """It knows nothing of the test before, and what it opened is closed."""
    assert not chromium.contexts
    yield chromium
    for context in chromium.contexts:
        context.close()


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


def shot(page: Page, name: str) -> None:
    """Kept where somebody asks for it."""
    if folder := os.environ.get("LIFTGATE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


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
