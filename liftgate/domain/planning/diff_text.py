"""Shared by all formats of the diff: the headline, the signs, and values cut so that they still differ."""

from __future__ import annotations

from typing import Final

from liftgate.domain.common import plain
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.planning.row import Kind

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


def headline(plan: Plan) -> str:
    """The application, the environment and the release; one line without markup."""
    name = visible(plan.application, 80)
    if plan.kind == "promote":
        what = f"release {visible(plan.version, 60) or 'without a version'} ({plan.release_id[7:19]})"
        if plan.older_than:
            what = f"DOWNGRADE from {visible(plan.older_than, 60)} to the older {what}"
        return f"{name} → {plan.environment}: {what}"
    return f"{name} in {plan.environment}: {plan.kind}"


def summary(plan: Plan) -> str:
    """One sentence that counts the changes."""
    if not plan.rows:
        return "Nothing to change."
    kinds = [row.kind for row in plan.rows]
    changes = sum(kind in ("add", "remove", "replace") for kind in kinds)
    parts = [f"{changes} change{'' if changes == 1 else 's'}"]
    parts += [f"{kinds.count(kind)} {name}" for kind, name in _NAMES.items() if kind in kinds]
    first = " First promotion here." if plan.first_time else ""
    return ", ".join(parts) + "." + first


def visible(text: str, width: int) -> str:
    """At most `width` characters on one line; invisible ones become escapes."""
    text = plain.visible(text[: width + 1]).replace("\n", "\\n").replace("\t", "\\t")
    return text if len(text) <= width else text[: width - 1] + "…"


def pair(before: str, after: str, width: int) -> tuple[str, str]:
    """Both texts cut to the width so that the difference is visible."""
    common = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = common - width // 3 if common > width * 2 // 3 and max(len(before), len(after)) > width else 0
    if start > 0:
        before, after = "…" + before[start:], "…" + after[start:]
    return visible(before, width), visible(after, width)
