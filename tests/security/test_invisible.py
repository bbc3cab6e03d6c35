"""Text that turns lines around, has no width or steers a terminal is shown as escapes, wherever people look."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.cli.answer import on_terminal, paint
from liftgate.domain.common.markup import code, prose
from liftgate.domain.common.plain import visible
from liftgate.domain.promotion.announcement import Announcement
from liftgate.integrations.chat.slack_blocks import blocks
from liftgate.server.render import _templates
from tests.examples import entry

HOSTILE = "1.4.2\u202e\u2066\u200b\u200d\u2060\ufeff\x1b[31m\x9b\u3164\U000e0041\x00\r"
SHOWN = r"1.4.2\u202e\u2066\u200b\u200d\u2060\ufeff\u001b[31m\u009b\u3164\udb40\udc41\u0000\r"
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def hidden(text: str) -> set[str]:
    return {each for each in text if unicodedata.category(each) in HIDDEN and each not in "\n\t"}


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_nothing_that_is_shown_is_invisible(text: str) -> None:
    shown = visible(text)
    assert not hidden(shown)
    assert visible(shown) == shown
    for edge in (code(text), prose(text), on_terminal(text)):
        assert not hidden(edge)


@given(
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u2800\u3164\uffa0"))
)
def test_what_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.recursive(st.none() | st.text(), lambda below: st.lists(below) | st.dictionaries(st.text(), below)))
def test_json_stays_the_same_json(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(visible(text)) == value


def test_everything_hostile_is_shown_as_an_escape() -> None:
    assert visible(HOSTILE) == SHOWN
    assert visible("naïve 日本 ✓ 📌\n") == "naïve 日本 ✓ 📌\n"


@pytest.mark.parametrize("template", ["trouble.html", "history.html"])
def test_a_page_shows_it(template: str) -> None:
    one = entry(reason=HOSTILE, requested_by=HOSTILE)
    values = {"sentence": HOSTILE, "entries": [one.model_copy(update={"reason": HOSTILE})], "choices": frozenset()}
    common = {"who": None, "is_open": False, "now": None, "ago": str}
    page = _templates().get_template(template).render({**common, **values})
    assert not hidden(page)
    assert SHOWN in page


def test_a_message_in_slack_shows_it() -> None:
    said = Announcement(promotion="p", title=HOSTILE, state=HOSTILE, facts=((HOSTILE, HOSTILE),), commands=(HOSTILE,))
    text = json.dumps(blocks(said), ensure_ascii=False)
    assert not hidden(text)


def test_a_terminal_shows_it_and_keeps_our_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liftgate.cli.answer.has_colour", lambda: True)
    assert on_terminal(f"{paint('good', 'green')} \x1b]0;title\x07") == "\x1b[32mgood\x1b[0m \\u001b]0;title\\u0007"
