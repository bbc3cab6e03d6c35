"""Enough of GitHub's Markdown to read a pull request: headings, lists, tables, fences, links, emphasis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from markupsafe import Markup, escape

COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ ]*$\n?", re.DOTALL | re.MULTILINE)
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`|\[(?P<label>[^\]\n]+)\]\((?P<href>https?://[^)\s]+)\)|(?P<url>https?://[^\s<>)]*[^\s<>).,:;!?])"
)
SPANS = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), "strong"),
    (re.compile(r"(?<![\w*_])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*_])"), "em"),
    (re.compile(r"(?<!\w)@([A-Za-z0-9][\w-]*)"), "b"),
)
KEPT = re.compile("\x00(\\d+)\x00")
HEADING = re.compile(r"(#{1,4})\s+(.*)")
ITEM = re.compile(r"\s*(?:[-*+]|\d+\.)\s+(\[[ xX]\]\s+)?(.*)")
RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")


def html(text: str) -> Markup:
    """Everything that is not Markdown is escaped; HTML comments vanish as on GitHub."""
    parts: list[Markup] = []
    clean, end = COMMENT.sub("", text.replace("\r\n", "\n").replace("\x00", "")), 0
    for fence in FENCE.finditer(clean):
        parts += [*_blocks(clean[end : fence.start()]), _fence(fence[1], fence[2])]
        end = fence.end()
    return Markup("\n").join([*parts, *_blocks(clean[end:])])


def _fence(language: str, code: str) -> Markup:
    if language != "diff":
        return Markup("<pre>{}</pre>").format(code.rstrip("\n"))
    lines = Markup("\n").join(_changed(line) for line in code.rstrip("\n").split("\n"))
    return Markup("<pre>{}</pre>").format(lines)


def _changed(line: str) -> Markup:
    look = {"+": "added", "-": "removed"}.get(line[:1])
    return Markup('<span class="{}">{}</span>').format(look, line) if look else escape(line)


def _blocks(text: str) -> Iterator[Markup]:
    for kind, group in groupby(text.split("\n"), _kind):
        if kind is not None:
            yield kind(list(group))


def _kind(line: str) -> Callable[[list[str]], Markup] | None:
    """How a line is shown together with its neighbours of the same kind; None for an empty one."""
    if not line.strip():
        return None
    if HEADING.fullmatch(line):
        return _headings
    if line.lstrip().startswith("|"):
        return _table
    if ITEM.fullmatch(line):
        return _list
    return _quote if line.startswith(">") else _paragraph


def _headings(lines: list[str]) -> Markup:
    found = [match for line in lines if (match := HEADING.fullmatch(line))]
    shown = [Markup("<h{0}>{1}</h{0}>").format(len(match[1]) + 1, inline(match[2])) for match in found]
    return Markup("\n").join(shown)


def _list(lines: list[str]) -> Markup:
    found = [match for line in lines if (match := ITEM.fullmatch(line))]
    boxes = {"[x]": "☑ ", "[ ]": "☐ ", "": ""}
    items = [Markup("<li>{}{}</li>").format(boxes[(m[1] or "").strip().lower()], inline(m[2])) for m in found]
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def _table(lines: list[str]) -> Markup:
    rows = [line.strip().strip("|").split("|") for line in lines if not RULE.fullmatch(line.strip())]
    tags = ["th", *["td"] * (len(rows) - 1)]
    shown = [
        Markup("").join(Markup("<{0}>{1}</{0}>").format(tag, inline(cell.strip())) for cell in row)
        for tag, row in zip(tags, rows, strict=False)
    ]
    return Markup("<table>{}</table>").format(Markup("").join(Markup("<tr>{}</tr>").format(row) for row in shown))


def _quote(lines: list[str]) -> Markup:
    inside = Markup("<br>").join(inline(line.lstrip("> ")) for line in lines)
    return Markup("<blockquote>{}</blockquote>").format(inside)


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(inline(line) for line in lines))


def inline(text: str) -> Markup:
    """Code, links, emphasis and mentions in one line."""
    kept: list[Markup] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_token(found))
        return f"\x00{len(kept) - 1}\x00"

    escaped = str(escape(INLINE.sub(keep, text)))
    for pattern, tag in SPANS:
        escaped = pattern.sub(rf"<{tag}>\1</{tag}>", escaped)
    return Markup(KEPT.sub(lambda found: str(kept[int(found[1])]), escaped))  # noqa: S704 - escaped above


def _token(found: re.Match[str]) -> Markup:
    if found["code"]:
        return Markup("<code>{}</code>").format(found["code"])
    address = found["href"] or found["url"]
    return Markup('<a href="{}">{}</a>').format(address, found["label"] or address)
