"""Slack's mrkdwn as HTML, the way a person reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from markupsafe import Markup, escape

from liftgate_sandbox.slack.emoji import drawn

TOKEN = re.compile(
    r"```\n?(?P<pre>.*?)```|`(?P<code>[^`\n]+)`|<(?P<link>[^<>\n]+)>|:(?P<emoji>[a-z0-9_+-]+):", re.DOTALL
)
SPANS = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
QUOTE = re.compile(r"(?:^(?:&gt;) ?.*(?:\n|$))+", re.MULTILINE)
KEPT = re.compile("\x00(\\d+)\x00")
DATES = {
    "{date_num}": "%Y-%m-%d",
    "{date}": "%B %-d, %Y",
    "{date_pretty}": "%B %-d, %Y",
    "{date_short}": "%b %-d, %Y",
    "{date_short_pretty}": "%b %-d, %Y",
    "{date_long}": "%A, %B %-d, %Y",
    "{date_long_pretty}": "%A, %B %-d, %Y",
    "{time}": "%H:%M",
    "{time_secs}": "%H:%M:%S",
}


def html(text: str, names: Mapping[str, str]) -> Markup:
    """`names`: what to show for a user's, channel's or group's id. Everything else is escaped."""
    kept: list[Markup] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_token(found, names))
        return f"\x00{len(kept) - 1}\x00"

    escaped = str(escape(plain(TOKEN.sub(keep, text.replace("\x00", "")))))
    for pattern, tag in SPANS:
        escaped = pattern.sub(rf"<{tag}>\1</{tag}>", escaped)
    quoted = QUOTE.sub(lambda found: f"<blockquote>{_unquoted(found[0])}</blockquote>", escaped)
    whole = KEPT.sub(lambda found: str(kept[int(found[1])]), quoted.replace("\n", "<br>"))
    return Markup(whole.replace("</pre><br>", "</pre>").replace("</blockquote><br>", "</blockquote>"))  # noqa: S704 - escaped above


def plain(text: str) -> str:
    """Slack's three entities as the characters they stand for."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def named(text: str) -> Markup:
    """Plain text with its emoji names drawn."""
    words = re.split(r":([a-z0-9_+-]+):", text)
    return Markup("").join(drawn(word) if place % 2 else escape(word) for place, word in enumerate(words))


def _unquoted(lines: str) -> str:
    return "\n".join(line.removeprefix("&gt;").removeprefix(" ") for line in lines.rstrip("\n").split("\n"))


def _token(found: re.Match[str], names: Mapping[str, str]) -> Markup:
    if found["pre"] is not None:
        return Markup("<pre>{}</pre>").format(plain(found["pre"].rstrip("\n")))
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(plain(found["code"]))
    if found["emoji"] is not None:
        return drawn(found["emoji"])
    return _link(found["link"], names)


def _link(inside: str, names: Mapping[str, str]) -> Markup:
    """What stands between < and >: a person, a channel, a special word or an address."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return _mention("@" + (label or names.get(target[1:], target[1:])))
    if target.startswith("#"):
        return _mention("#" + (label or names.get(target[1:], target[1:])))
    if target.startswith("!date^"):
        return _date(target, label)
    if target.startswith("!"):
        word = label or names.get(target.rsplit("^", 1)[-1], target[1:])
        return _mention("@" + word.removeprefix("@"))
    if target.startswith(("http://", "https://", "mailto:")):
        link = '<a href="{}" target="_blank" rel="noreferrer">{}</a>'
        return Markup(link).format(plain(target), plain(label or target))  # noqa: S704 - a constant
    return escape(f"<{inside}>")


def _mention(name: str) -> Markup:
    return Markup('<span class="mention">{}</span>').format(plain(name))


def _date(target: str, fallback: str) -> Markup:
    """`!date^seconds^format^link`, in this machine's time zone; the fallback when it makes no sense."""
    _, seconds, wanted, *_ = [*target.split("^"), "", ""]
    if not seconds.isdigit():
        return escape(plain(fallback))
    when = datetime.fromtimestamp(int(seconds)).astimezone()
    for name, pattern in DATES.items():
        wanted = wanted.replace(name, when.strftime(pattern))
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(), plain(wanted))
