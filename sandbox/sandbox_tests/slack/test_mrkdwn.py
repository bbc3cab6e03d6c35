"""mrkdwn becomes the HTML a person expects, and never more than that."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liftgate_sandbox.slack.mrkdwn import html, named

NAMES = {"U01ADA": "Ada Lovelace", "C1": "promotions"}
TAGS = {"strong", "em", "s", "code", "pre", "blockquote", "a", "span", "time", "br"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _slanted_ ~gone~", "<strong>bold</strong> <em>slanted</em> <s>gone</s>"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("one\ntwo", "one<br>two"),
        ("`a *b* <c>`", "<code>a *b* &lt;c&gt;</code>"),
        ("```\n*x* &lt;y&gt;\n```\nafter", "<pre>*x* &lt;y&gt;</pre>after"),
        ("&gt; said\n&gt; more\nplain", "<blockquote>said<br>more</blockquote>plain"),
        (
            "<@U01ADA> in <#C1>",
            '<span class="mention">@Ada Lovelace</span> in <span class="mention">#promotions</span>',
        ),
        ("<!channel>", '<span class="mention">@channel</span>'),
        ("&lt;!channel&gt; &amp;amp;", "&lt;!channel&gt; &amp;amp;"),
        ("<javascript:alert(1)|click>", "&lt;javascript:alert(1)|click&gt;"),
        (":no_such_emoji:", ":no_such_emoji:"),
    ],
)
def test_text_is_shown_as_in_slack(text: str, shown: str) -> None:
    assert html(text, NAMES) == shown


def test_a_link_goes_where_it_says_and_may_be_bold() -> None:
    shown = html('*<https://example.com/?a=1&amp;b="2"|label>*', NAMES)

    assert 'href="https://example.com/?a=1&amp;b=&#34;2&#34;"' in shown
    assert shown.startswith("<strong><a ")
    assert ">label</a></strong>" in shown


def test_a_date_is_in_this_machines_time_and_falls_back_to_its_words() -> None:
    seconds = int(datetime(2026, 3, 4, 5, 6, tzinfo=UTC).timestamp())
    local = datetime.fromtimestamp(seconds).astimezone()

    shown = html(f"<!date^{seconds}^{{date_num}} {{time}}|later>", {})

    assert local.strftime(">%Y-%m-%d %H:%M<") in shown
    assert html("<!date^soon^{time}|later>", {}) == "later"


def test_an_emoji_is_drawn_and_keeps_its_name() -> None:
    assert 'title=":warning:"' in html("be :warning: careful", {})
    assert named("<b> :x:").startswith("&lt;b&gt; <span")


@given(st.text(alphabet=st.sampled_from(list("<>&*_~`:|!@#^\n \"'xU/1\x00")), max_size=60))
def test_no_text_smuggles_in_other_html(text: str) -> None:
    found: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)
            assert {name for name, _ in attrs} <= {"class", "title", "href", "target", "rel", "datetime"}

    Tags().feed(str(html(text, NAMES)))

    assert set(found) <= TAGS
    assert not re.search("\x00", html(text, NAMES))
