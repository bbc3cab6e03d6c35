"""Foreign text inside Markdown, and as many whole lines of it as a limit allows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from liftgate.domain.common.plain import visible

LONGEST: Final = 100_000
"""Characters of a table in an artifact of a run."""


def code(text: str) -> str:
    """A code span that its content cannot leave."""
    if not text:
        return ""
    text = visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if len(fence) > 1 or text != text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def prose(text: str) -> str:
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", text).replace("&\\#64;", "&#64;")


def limited(head: Sequence[str], rows: Sequence[str], limit: int) -> str:
    """As many whole rows as fit, and how many did not; at most `limit` characters."""
    size, shown = sum(len(line) + 1 for line in head), 0
    reserve = len(f"\n… and {len(rows)} more.\n")
    for at, row in enumerate(rows):
        size += len(row) + 1
        if size + (reserve if at < len(rows) - 1 else 0) > limit:
            break
        shown += 1
    left = len(rows) - shown
    more = ["", f"… and {left} more."] if left else []
    return "\n".join([*head, *rows[:shown], *more])[:limit]
