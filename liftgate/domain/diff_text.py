"""What every kind of diff shares: the headline, the signs, and values cut so that they still differ."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from liftgate.domain.plan_value import Plan
from liftgate.domain.row import Kind

SIGNS: Final[dict[Kind, str]] = {
    "conflict": "✖",
    "needs-value": "✖",
    "add": "+",
    "remove": "-",
    "replace": "~",
    "kept": "=",
    "pinned": "📌",
    "obsolete": "?",
}
_NAMES: Final[dict[Kind, str]] = {
    "conflict": "in conflict",
    "needs-value": "needing a value",
    "kept": "kept",
    "pinned": "pinned",
    "obsolete": "obsolete",
}
_ODD = re.compile(r"[^\x20-\x7e]")


def headline(plan: Plan) -> str:
    """Who goes where, with which release; one line without markup."""
    name = visible(plan.application, 80)
    if plan.kind == "promote":
        what = f"release {visible(plan.version, 60) or 'without a version'} ({plan.release_id[7:19]})"
        return f"{name} → {plan.environment}: {what}"
    return f"{name} in {plan.environment}: {plan.kind}"


def summary(plan: Plan) -> str:
    """One sentence about how much there is."""
    if not plan.rows:
        return "Nothing to change."
    kinds = [row.kind for row in plan.rows]
    changes = sum(kind in ("add", "remove", "replace") for kind in kinds)
    parts = [f"{changes} change{'' if changes == 1 else 's'}"]
    parts += [f"{kinds.count(kind)} {name}" for kind, name in _NAMES.items() if kind in kinds]
    first = " First promotion here: every promotable value is the release's." if plan.first_time else ""
    return ", ".join(parts) + "." + first


def visible(text: str, width: int) -> str:
    """At most `width` characters; those that are invisible or turn the text around become escapes."""
    text = _ODD.sub(_escaped, text[: width + 1])
    return text if len(text) <= width else text[: width - 1] + "…"


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character


def pair(before: str, after: str, width: int) -> tuple[str, str]:
    """Both texts cut to the width, at a place where one sees that they differ."""
    common = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = common - width // 3 if common > width * 2 // 3 and max(len(before), len(after)) > width else 0
    if start > 0:
        before, after = "…" + before[start:], "…" + after[start:]
    return visible(before, width), visible(after, width)
