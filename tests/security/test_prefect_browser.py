"""Both of Prefect's user interfaces in a real browser, below `/prefect/`, behind Liftgate's sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from liftgate.domain.approval.requester import Requester
from liftgate.services import session
from liftgate.services.requests import who_asked
from tests.browser import shot
from tests.security.test_prefect_form import deployment
from tests.server.world import World

pytestmark = [pytest.mark.prefect, pytest.mark.browser]
MAKER = "amplitude.com"
"""Prefect's newer pages tell their maker who uses them; the policy forbids it, and the browser says so."""


@pytest.fixture
def page(browser: Any, real_world: World) -> Iterator[Page]:
    """Rosa's, who has signed in with a link. No policy breaks the page, and no call for its data is refused."""
    page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(30_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
    page.on("response", lambda answer: said.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.goto(session.link(real_world.at, "rosa", "/prefect/runs"))
    page.get_by_role("button", name="Sign in as rosa").click()
    yield page
    assert [each for each in said if MAKER not in each and "/ico/" not in each] == []


def test_a_person_starts_a_run_from_the_form_and_is_proven(real_world: World, page: Page) -> None:
    page.goto(f"{real_world.url}/prefect/deployments/deployment/{deployment(real_world)}/run")
    submit = page.get_by_role("button", name="Submit")
    submit.wait_for()
    page.locator("form input").first.fill("by rosa")
    shot(page, "prefect-form")
    submit.click()
    page.get_by_text("by rosa scheduled to start").first.wait_for()
    (run,) = real_world.at.runs.find(flows=["promote"]).runs
    assert (run.name, run.state) == ("by rosa", "SCHEDULED")
    assert who_asked(real_world.at, real_world.at.latest, run) == Requester(name="rosa", proof="server")
    page.goto(real_world.at.run_page(run.id))
    page.get_by_text("by rosa").first.wait_for()
    shot(page, "prefect-run")


def test_the_newer_pages_work_there_too(real_world: World, page: Page) -> None:
    page.goto(f"{real_world.url}/prefect/v2/deployments/deployment/{deployment(real_world)}/run")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("scheduled to start").first.wait_for()
    shot(page, "prefect-form-v2")
    (run,) = real_world.at.runs.find(flows=["promote"]).runs
    assert who_asked(real_world.at, real_world.at.latest, run) == Requester(name="rosa", proof="server")
