"""Prefect's own pages in a real browser: the secret signs a person in, and that helps no other website."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from liftgate_sandbox.serve import serve
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PageTimeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.prefect_server import PrefectApi
from tests.runtime.test_prefect_access import deployment, runs_of

__all__ = ["deployment"]
pytestmark = [pytest.mark.prefect, pytest.mark.browser]
PATIENCE = 5
"""Times that a page is opened; a busy machine may take longer than one of them."""
FORGE = """async ([url, body]) => {
    const ways = [{}, {headers: {"Content-Type": "text/plain"}}, {credentials: "include"}];
    for (const way of ways)
        await fetch(url, {method: "POST", mode: "no-cors", body: new Blob([body]), ...way});
}"""


@pytest.fixture
def page(browser: Any, prefect_api: PrefectApi) -> Page:
    """Of a person who has signed in."""
    page: Page = browser.new_page()
    page.set_default_timeout(30_000)
    sign_in_to_prefect(page, prefect_api.url.removesuffix("/api"), prefect_api.secret)
    return page


def sign_in_to_prefect(page: Page, address: str, secret: str) -> None:
    """Sign in as a person does: Prefect's pages store the secret in the browser."""
    page.goto(f"{address}/login")
    page.locator("input[type=password]").fill(secret)
    page.get_by_role("button", name="Login").click()
    page.wait_for_url(lambda url: "/login" not in url)


def news(request: Request) -> Response:
    return HTMLResponse("<h1>News</h1>")


def sees_a_new_run(page: Page, address: str, prefect_api: PrefectApi, deployment: str) -> None:
    """On the run's own page: lists leave out runs, and other tests fill or spoil them."""
    run = prefect_api.run(deployment, number=1)
    name = prefect_api.read(run)["name"]
    for _ in range(PATIENCE):
        page.goto(f"{address}/runs/flow-run/{run}")
        with suppress(PageTimeout):
            page.get_by_text(name).first.wait_for()
            return
    pytest.fail(f"the run {name} is not on its page")


def test_a_person_signs_in_with_the_secret_and_sees_the_runs(
    page: Page, prefect_api: PrefectApi, deployment: str
) -> None:
    sees_a_new_run(page, prefect_api.url.removesuffix("/api"), prefect_api, deployment)


def test_under_another_name_of_this_machine_they_work_too(
    browser: Any, prefect_api: PrefectApi, deployment: str
) -> None:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    address = prefect_api.url.removesuffix("/api").replace("127.0.0.1", "localhost")
    sign_in_to_prefect(page, address, prefect_api.secret)
    sees_a_new_run(page, address, prefect_api, deployment)


def test_a_website_that_the_person_visits_starts_no_run(page: Page, prefect_api: PrefectApi, deployment: str) -> None:
    before = runs_of(prefect_api, deployment)
    url, body = f"{prefect_api.url}/deployments/{deployment}/create_flow_run", json.dumps({"parameters": {"number": 1}})
    with serve(Starlette(routes=[Route("/", news)])) as website:
        page.goto(website.url)
        page.evaluate(FORGE, [url, body])
    assert runs_of(prefect_api, deployment) == before
