"""A person signs in at a real provider, decides and signs out in a real browser, with the keyboard only."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page
from sandbox_tests.plain import http

from tests.server.test_in_a_browser import browser, chromium, page, shot
from tests.server.test_oidc import issuer, world
from tests.server.world import World

__all__ = ["browser", "chromium", "issuer", "page", "world"]
pytestmark = pytest.mark.browser


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


def test_a_person_signs_in_votes_and_signs_out_with_the_keyboard(world: World, page: Page) -> None:
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
