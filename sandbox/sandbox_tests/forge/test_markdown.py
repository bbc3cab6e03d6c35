"""Markdown becomes readable HTML, and never more than that."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liftgate_sandbox.forge.markdown import html

TAGS = {"p", "br", "pre", "span", "h2", "h3", "h4", "h5", "ul", "li", "table", "tr", "th", "td", "code", "a"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("## Plan", "<h3>Plan</h3>"),
        ("- **a**\n- [x] b\n1. c", "<ul><li><strong>a</strong></li><li>☑ b</li><li>c</li></ul>"),
        (
            "|a|b|\n|-|:-:|\n|1|`2`|",
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr></table>",
        ),
        ("```\n<x> **y**\n```\nz", "<pre>&lt;x&gt; **y**</pre>\n<p>z</p>"),
        (
            "```diff\n-a\n+b\n c\n```",
            '<pre><span class="removed">-a</span>\n<span class="added">+b</span>\n c</pre>',
        ),
        ("> said", "<blockquote>said</blockquote>"),
        ("<!-- mark -->\nseen", "<p>seen</p>"),
        ("a_b_c and *i* by @ada", "<p>a_b_c and <em>i</em> by <b>ada</b></p>"),
        ("[x](javascript:alert(1)) <b>", "<p>[x](javascript:alert(1)) &lt;b&gt;</p>"),
        ('[x](https://e.org/"y)', '<p><a href="https://e.org/&#34;y">x</a></p>'),
        ("see https://e.org/1.", '<p>see <a href="https://e.org/1">https://e.org/1</a>.</p>'),
    ],
)
def test_text_is_shown_as_on_github(text: str, shown: str) -> None:
    assert html(text) == shown


@given(st.text(alphabet=st.sampled_from(list("<>&*_`#|-[]()!@ \n\"'xh:/1\x00")), max_size=80))
def test_no_text_smuggles_in_other_html(text: str) -> None:
    found: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)
            assert {name for name, _ in attrs} <= {"class", "href"}

    Tags().feed(str(html(text)))

    assert set(found) <= TAGS | {"strong", "em", "b", "blockquote"}
