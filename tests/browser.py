"""A real browser, Debian's Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

PROGRAM = "/usr/lib/chromium/chromium"
"""Debian's /usr/bin/chromium is a script that asks dozens of programs about the machine before it starts this one."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One for the tests of a file. While it is there, no other event loop can run in this process."""
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


def shot(page: Page, name: str) -> None:
    """A picture of the page, if LIFTGATE_SCREENSHOTS names a folder for it."""
    if folder := os.environ.get("LIFTGATE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
