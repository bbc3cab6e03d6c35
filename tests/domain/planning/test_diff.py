from __future__ import annotations

import json

import pytest

from liftgate.domain.planning.diff import as_slack, plan_markdown, plan_terminal
from liftgate.domain.planning.plan import Plan, Target
from liftgate.domain.planning.row import Row
from liftgate.domain.planning.rules import Rules
from tests.domain.properties import MARK, Sides, holds, rule_sets, sides
from tests.one_file import fix, make_plan

FIRST = "First promotion here."
ROWS = (
    Row(pointer="/db/password", kind="needs-value", sentence="must define its own"),
    Row(pointer="/a|b`c", kind="replace", before='"x|y"', after='"<b>`&"'),
    Row(pointer="/new", kind="add", after="1"),
    Row(pointer="/old", kind="remove", before="2"),
    Row(pointer="/mine", kind="kept", before="3", sentence="changed here"),
    Row(pointer="/held", kind="pinned", before="4", after="5", sentence="pinned by <ada>: *now* | @all"),
)


def plan(rows: tuple[Row, ...] = ROWS, **more: object) -> Plan:
    fields = {
        "application": "shop",
        "environment": "prod",
        "release_id": "sha256:0123456789abcdef",
        "version": "1.4.2",
    }
    return Plan.model_validate(
        {
            **fields,
            "files": ({"path": "p", "blob": "b"},),
            "rows": rows,
            "policy_hash": "",
            "first_time": True,
            **more,
        }
    )


def test_the_terminal_shows_aligned_rows() -> None:
    assert plan_terminal(plan(), colour=False).splitlines() == [
        "shop → prod: release 1.4.2 (0123456789ab)",
        f"3 changes, 1 needing a value, 1 kept, 1 pinned. {FIRST}",
        "✖ /db/password    (must define its own)",
        '~ /a|b`c        "x|y" → "<b>`&"',
        "+ /new          1",
        "- /old          2 → (none)",
        "= /mine         3 (release: none)  (changed here)",
        "📌 /held         4 (release: 5)  (pinned by <ada>: *now* | @all)",
    ]


def test_colour_is_only_there_when_asked_for() -> None:
    assert "\x1b[32m+ /new" in plan_terminal(plan(), colour=True)
    assert "\x1b" not in plan_terminal(plan(), colour=False)


def test_markdown_is_a_table_that_values_cannot_leave() -> None:
    lines = plan_markdown(plan(), limit=5000).splitlines()
    assert lines[0] == "**shop → prod: release 1.4.2 (0123456789ab)**"
    assert lines[4] == "| | where | now | release | |"
    assert lines[7] == '| ~ | `` /a\\|b`c `` | `"x\\|y"` | `` "<b>`&" `` |  |'
    assert lines[11].endswith("| pinned by &lt;ada&gt;: \\*now\\* \\| &#64;all |")


def test_slack_gets_its_own_escapes_and_the_link() -> None:
    text = as_slack(plan(), limit=3000, url="https://gate.example.com/p/1")
    assert '~ `/a|bˋc` `"x|y"` → `"&lt;b&gt;ˋ&amp;"`' in text  # noqa: RUF001
    assert text.endswith("\n<https://gate.example.com/p/1|The whole plan>")


def test_an_update_says_so() -> None:
    assert plan_terminal(plan(kind="update"), colour=False).startswith("shop in prod: update\n")


def test_nothing_to_change_is_said_in_words() -> None:
    for text in (
        plan_markdown(plan(()), limit=999),
        plan_terminal(plan(()), colour=False),
        as_slack(plan(()), limit=99, url=""),
    ):
        assert "Nothing to change." in text


@pytest.mark.parametrize("limit", [10, 120, 300, 1000, 3000, 65_536])
def test_limits_are_kept_and_what_is_left_out_is_counted(limit: int) -> None:
    many = plan(tuple(Row(pointer=f"/k{at}", kind="add", after="x" * 50) for at in range(500)))
    for text in (plan_markdown(many, limit=limit), as_slack(many, limit=limit, url="")):
        assert len(text) <= limit
        if 300 <= limit < 30_000:
            shown = text.count("/k")
            assert f"… and {500 - shown} more." in text


def test_long_values_are_cut_where_they_differ() -> None:
    row = Row(pointer="/a", kind="replace", before="x" * 200 + "1" + "y" * 99, after="x" * 200 + "2" + "y" * 99)
    line = plan_terminal(plan((row,)), colour=False).splitlines()[2]
    assert "x1y" in line
    assert "x2y" in line
    assert len(line) < 150


def test_invisible_characters_and_turned_text_are_made_visible() -> None:
    row = Row(pointer="/\u202eevil", kind="add", after='"a\u200bb"', sentence="x\ny\x1b[31m")
    for text in (
        plan_terminal(plan((row,)), colour=False),
        plan_markdown(plan((row,)), limit=999),
        as_slack(plan((row,)), limit=999, url=""),
    ):
        assert "\u202e" not in text
        assert "a\u200bb" not in text
        assert "\x1b" not in text
        assert "202e" in text


@holds(sides(secret=True), rule_sets(), quick=60)
def test_no_secret_is_in_any_diff(three: Sides, rules: Rules) -> None:
    old, new, now = three
    base = None if old is None else fix("shop", "abc", "p", old, rules)
    target = Target(environment="prod", path="p", blob="b", data=json.dumps(now).encode())
    made = make_plan(fix("shop", "abc", "p", new, rules), base=base, target=target, rules=rules, policy_hash="p")
    texts = (
        plan_markdown(made, limit=9999),
        plan_terminal(made, colour=True),
        as_slack(made, limit=9999, url="u"),
    )
    assert MARK not in "".join(texts)


def test_a_command_is_shown_whole_everywhere() -> None:
    command = "sops set --value-stdin configs/prod/values.json '" + "".join(f'["key{at}"]' for at in range(30)) + "'"
    row = Row(pointer="/db/password", kind="needs-value", sentence="prod must define its own", command=command)
    shown = plan((row,))
    assert f"\n    {command}\n" in plan_terminal(shown, colour=False)
    assert f"`{command}` |" in plan_markdown(shown, limit=10_000)
    assert f"\n`{command}`" in as_slack(shown, limit=3000, url="")


def test_where_there_are_several_files_each_row_begins_with_its_own() -> None:
    several = plan((Row(pointer="/flags/beta", file="features.json", kind="replace", before="1", after="2"),))
    shown = (
        plan_terminal(several, colour=False),
        plan_markdown(several, limit=9000),
        as_slack(several, limit=9000, url=""),
    )
    assert all("features.json /flags/beta" in text for text in shown)
