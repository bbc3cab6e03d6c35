"""A plan for people: the same rows as Markdown, in a terminal and in Slack, within each one's limit."""

from __future__ import annotations

import re

from liftgate.domain.common.markup import code, limited, prose
from liftgate.domain.planning.diff_text import SIGNS, headline, pair, summary, visible
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.planning.row import Row

_WIDTH = 60
_COMMAND = 600
_COLOURS = {"✖": "31", "+": "32", "-": "31", "~": "33", "=": "36", "📌": "35", "?": "90"}


def plan_markdown(plan: Plan, *, limit: int) -> str:
    """For a pull request or an artifact; at most `limit` characters."""
    head = [f"**{prose(headline(plan))}**", "", prose(summary(plan)), ""]
    if plan.rows:
        new = "release" if plan.kind == "promote" else "new"
        head += [f"| | where | now | {new} | |", "|-|-|-|-|-|"]
    return limited(head, [_markdown_row(row) for row in plan.rows], limit)


def plan_terminal(plan: Plan, *, colour: bool) -> str:
    """For a terminal: aligned; escape sequences only with `colour`."""
    cells = [(row, visible(row.where, 120), *pair(row.before, row.after, _WIDTH)) for row in plan.rows]
    width = max((len(pointer) for _, pointer, _, _ in cells), default=0)
    lines = [headline(plan), summary(plan)]
    for row, pointer, before, after in cells:
        sign = SIGNS[row.kind]
        note = f"  ({visible(row.sentence, 200)})" if row.sentence else ""
        line = f"{sign} {pointer:<{width}}  {_arrow(row, before, after)}{note}".rstrip()
        line += f"\n    {visible(row.command, _COMMAND)}" if row.command else ""
        lines.append(f"\x1b[{_COLOURS[sign]}m{line}\x1b[0m" if colour else line)
    return "\n".join(lines) + "\n"


def as_slack(plan: Plan, *, limit: int, url: str) -> str:
    """For Slack, as mrkdwn; at most `limit` characters, the link to the whole plan last."""
    link = f"\n<{url}|The whole plan>" if url else ""
    head = [f"*{_slack(headline(plan))}*", _slack(summary(plan))]
    return limited(head, [_slack_row(row) for row in plan.rows], limit - len(link)) + link


def _arrow(row: Row, before: str, after: str) -> str:
    if row.kind in ("kept", "pinned", "conflict") and (before or after):
        return f"{before or 'none'} (release: {after or 'none'})"
    if before and after:
        return f"{before} → {after}"
    return f"{before} → (none)" if before else after


def _markdown_row(row: Row) -> str:
    before, after = pair(row.before, row.after, _WIDTH)
    cells = [SIGNS[row.kind], code(visible(row.where, 120)), code(before), code(after)]
    note = f"{prose(visible(row.sentence, 200))} {code(visible(row.command, _COMMAND))}".rstrip()
    return "| " + " | ".join([*cells, note]) + " |"


def _slack_row(row: Row) -> str:
    before, after = pair(row.before, row.after, _WIDTH)
    arrow = _arrow(row, _slack_code(before), _slack_code(after))
    note = f" — {_slack(visible(row.sentence, 200))}" if row.sentence else ""
    line = f"{SIGNS[row.kind]} {_slack_code(visible(row.where, 120))} {arrow}{note}".replace("  ", " ")
    return line + (f"\n{_slack_code(visible(row.command, _COMMAND))}" if row.command else "")


def _slack(text: str) -> str:
    return re.sub(r"([*_~`])", "\u200b\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _slack_code(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "\u02cb")
    return f"`{escaped}`" if text else ""
