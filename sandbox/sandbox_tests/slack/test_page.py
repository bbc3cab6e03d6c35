"""The page, as a browser gets it: who sees what, and buttons that take the signed path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from sandbox_tests.plain import http
from sandbox_tests.slack.test_hands import MODAL
from sandbox_tests.slack.world import ADA, CHANNEL, GRACE, App, World, button, buttons

CONFIRM = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "mrkdwn", "text": "It goes to *prod*."},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}


def view(world: World, you: str = ADA) -> str:
    return str(http.get(f"{world.url}/sandbox/view", params={"you": you, "channel": CHANNEL}).json()["channel"])


def test_a_message_is_shown_with_its_blocks_and_hostile_text_stays_text(world: World) -> None:
    world.client.chat_postMessage(
        channel=CHANNEL,
        text="fallback",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "<script>1</script>"}},
            {"type": "section", "fields": [{"type": "mrkdwn", "text": f"*By* <@{GRACE}>"}]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
            {"type": "divider"},
            *buttons("approve"),
        ],
    )
    shown = http.get(world.url).text

    assert "&lt;script&gt;1&lt;/script&gt;" in shown
    assert "<script>1" not in shown
    assert "<strong>By</strong>" in shown
    assert "@Grace Hopper" in shown
    assert 'data-action="approve"' in shown
    assert "fallback" not in shown


def test_an_ephemeral_message_is_seen_by_its_one_reader(world: World) -> None:
    world.client.chat_postEphemeral(channel=CHANNEL, user=ADA, text="Just you")

    assert "Just you" in view(world, ADA)
    assert "Only visible to you" in view(world, ADA)
    assert "Just you" not in view(world, GRACE)


def test_threads_are_folded_and_edits_are_marked(world: World) -> None:
    ts = world.post()
    world.post(thread_ts=ts)
    world.client.chat_update(channel=CHANNEL, ts=ts, text="Changed")

    assert "1 reply" in view(world)
    assert "(edited)" in view(world)


def test_an_empty_workspace_has_a_page_too(world: World) -> None:
    assert "Nothing has been said here yet." in http.get(world.url).text


@pytest.fixture
def page(world: World, chromium: Browser) -> Iterator[Page]:
    """As a person who was never here."""
    with chromium.new_context() as fresh:
        page = fresh.new_page()
        page.set_default_timeout(10_000)
        yield page


@pytest.mark.browser
def test_a_person_confirms_rejects_with_a_reason_and_sees_the_message_change(
    world: World, listening: App, page: Page
) -> None:
    blocks = [{"type": "actions", "elements": [button("approve", confirm=CONFIRM), button("reject")]}]
    ts = world.client.chat_postMessage(channel=CHANNEL, text="Lift?", blocks=blocks)["ts"]
    page.goto(f"{world.url}/?you={GRACE}")

    page.click("[data-action=approve]")
    assert page.inner_html("#confirm p") == "It goes to <strong>prod</strong>."
    page.click("#confirm button[value=no]")
    with page.expect_response("**/sandbox/press"):
        page.click("[data-action=reject]")
    assert [sent["actions"][0]["action_id"] for sent in listening.payloads] == ["reject"]

    world.client.views_open(trigger_id=listening.payloads[0]["trigger_id"], view=MODAL)
    page.fill("#modal [name=reason]", "Not on a Friday")
    listening.says = {"response_action": "errors", "errors": {"reason": "Say more."}}
    page.click("#modal .primary")
    page.wait_for_selector("text=Say more.")
    listening.says = None
    page.click("#modal .primary")
    page.wait_for_selector("#modal:not([open])", state="attached")

    assert listening.payloads[-1]["user"]["id"] == GRACE
    assert listening.payloads[-1]["view"]["state"]["values"]["reason"]["text"]["value"] == "Not on a Friday"
    world.client.chat_update(channel=CHANNEL, ts=ts, text="Rejected", blocks=[])
    page.wait_for_selector("text=Rejected")


@pytest.mark.browser
def test_an_answer_that_comes_late_takes_nothing_back_that_was_shown_since(
    world: World, listening: App, page: Page
) -> None:
    late: list[tuple[Route, str]] = []

    def hold_the_first(route: Route) -> None:
        answer = route.fetch().text()
        if late:
            route.fulfill(body=answer, content_type="application/json")
        else:
            late.append((route, answer))

    world.client.chat_postMessage(channel=CHANNEL, text="Lift?", blocks=buttons("reject"))
    page.route("**/sandbox/view*", hold_the_first)
    page.goto(f"{world.url}/?you={GRACE}")
    with page.expect_response("**/sandbox/press"):
        page.click("[data-action=reject]")
    world.client.views_open(trigger_id=listening.payloads[0]["trigger_id"], view=MODAL)
    page.fill("#modal [name=reason]", "Not on a Friday")
    [(route, before)] = late

    with page.expect_event("requestfinished", lambda request: request == route.request):
        route.fulfill(body=before, content_type="application/json")
    with page.expect_response("**/sandbox/view*"):
        pass

    assert "reason" not in before
    assert page.input_value("#modal [name=reason]") == "Not on a Friday"
    assert page.is_visible("#modal[open]")
