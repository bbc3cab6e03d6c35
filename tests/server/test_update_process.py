"""The whole update process in Git, end to end: over HTTP, and in a real browser at a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page
from sandbox_tests.plain import http

from tests.browser import shot
from tests.server.update_process import carry_out, update_process


class OverHttp:
    """Reads the text of a page, and sends what a browser would send at a button."""

    def read(self, url: str, name: str) -> str:
        assert name
        answer: httpx.Response = http.get(url)
        return _words(re.sub(r"<[^>]+>", " ", answer.raise_for_status().text))

    def press(self, url: str, button: str) -> None:
        (who,) = parse_qs(urlsplit(url).query)["you"]
        answer = http.post(url, data={"you": who, "press": button.lower()})
        assert answer.headers["location"].endswith("said="), answer.headers


class InABrowser:
    """Looks at each page at a desk and on a phone."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def read(self, url: str, name: str) -> str:
        self._page.set_viewport_size({"width": 390, "height": 844})
        self._page.goto(url)
        shot(self._page, f"{name}-phone")
        assert self._page.evaluate("document.documentElement.scrollWidth") <= 390, name
        self._page.set_viewport_size({"width": 1280, "height": 900})
        shot(self._page, name)
        return _words(self._page.inner_text("body"))

    def press(self, url: str, button: str) -> None:
        self._page.goto(url)
        self._page.get_by_role("button", name=button, exact=True).click()


def _words(text: str) -> str:
    return " ".join(text.split())


def test_a_change_goes_from_a_branch_to_a_verified_environment(tmp_path: Path) -> None:
    with update_process(tmp_path, OverHttp()) as process:
        carry_out(process)


@pytest.mark.browser
@pytest.mark.long
def test_a_person_sees_it_all_in_a_browser(tmp_path: Path, browser: Any) -> None:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    with update_process(tmp_path, InABrowser(page)) as process:
        carry_out(process)
