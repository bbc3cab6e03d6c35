"""The layout of a JSON text, so that additions look like the rest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from liftgate.domain.common.value import Json


@dataclass(frozen=True)
class Style:
    """`indent` is one level's white space, None if the text is on one line."""

    indent: str | None
    newline: str
    colon: str
    comma: str
    ascii_only: bool

    def render(self, value: Json, *, margin: str | None) -> str:
        """The value as text; `margin` is the indentation of its first line, None for one line."""
        inline = margin is None or self.indent is None
        text = json.dumps(
            value,
            ensure_ascii=self.ascii_only,
            allow_nan=False,
            indent=None if inline else self.indent,
            separators=(self.comma if inline else ",", self.colon),
        )
        return text if inline else text.replace("\n", self.newline + (margin or ""))


def style_of(text: str) -> Style:
    lines = re.search(r"[{\[][ \t]*\r?\n(?:[ \t]*\r?\n)*([ \t]+)\S", text)
    several = "\n" in text.strip() or text.strip() in ("{}", "[]")
    colon = re.search(r'"([ \t]*:[ \t]*)', text)
    comma = re.search(r'[\d"el}\]],([ \t]*)["\d{\[tfn-]', text)
    return Style(
        indent=(lines.group(1) if lines else "  ") if several else None,
        newline="\r\n" if "\r\n" in text else "\n",
        colon=colon.group(1) if colon else ": ",
        comma="," + (comma.group(1) if comma else _after(colon)),
        ascii_only=text.isascii() and re.search(r"\\u(?!00[01])", text) is not None,
    )


def _after(colon: re.Match[str] | None) -> str:
    return " " if colon is None or colon.group(1).endswith(" ") else ""
