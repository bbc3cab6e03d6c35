"""The plan of a rollback: every value that changes is shown, and no secret."""

from __future__ import annotations

import json
from typing import Any

from liftgate.domain.common.canonical import same
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.planning import diff
from liftgate.domain.planning.plan import Plan, Target
from liftgate.domain.planning.plan_restore import make_restore
from liftgate.domain.planning.rules import Rules
from tests.domain.properties import MARK, Sides, holds, rule_sets, sides


def restored(now: bytes, wanted: bytes, rules: Rules | None = None) -> Plan:
    target = Target(environment="prod", path="configs/prod/values.json", blob="b", data=now)
    return make_restore(
        "shop", targets=[target], wanted={"": wanted}, version="1.4.1", rules=lambda _: rules or Rules()
    )


def rows(now: Any, wanted: Any) -> list[tuple[str, str, str, str]]:
    plan = restored(json.dumps(now).encode(), json.dumps(wanted).encode())
    return [(row.kind, row.pointer, row.before, row.after) for row in plan.rows]


def test_each_value_that_changes_is_a_row() -> None:
    assert rows({"a": 1, "b": {"c": 2}}, {"a": 3, "d": [1]}) == [
        ("replace", "/a", "1", "3"),
        ("remove", "/b", '{"c": 2}', ""),
        ("add", "/d", "", "[1]"),
    ]


def test_nothing_changes_where_the_file_is_the_same() -> None:
    assert restored(b"{}", b"{}").rows == ()


def test_what_is_no_sound_json_is_said_and_never_refused() -> None:
    for now, wanted in ((b"{]", b"{}"), (b"{}", b"[1]"), (b'{"a": 1, "a": 2}', b"{}")):
        (row,) = restored(now, wanted).rows
        assert "not valid JSON" in row.sentence


def test_another_layout_is_no_change_of_values() -> None:
    (row,) = restored(b'{"a":1}', b'{"a": 1}\n').rows
    assert "only the formatting of the file" in row.sentence


def test_the_block_of_sops_is_nobodys_value() -> None:
    sealed = [
        {"a": f"ENC[AES256_GCM,data:{n},iv:AA==,tag:AA==,type:str]", "sops": {"mac": n}} for n in ("AA==", "BB==")
    ]
    assert rows(*sealed) == [("replace", "/a", '"ENC[…]"', '"ENC[…]"')]


def test_a_file_that_goes_is_shown_as_its_values_going() -> None:
    assert [row.kind for row in restored(b'{"a": 1}', b"").rows] == ["remove"]


@holds(sides(secret=True), rule_sets())
def test_the_edits_lead_there_and_no_secret_is_in_what_people_read(drawn: Sides, rules: Rules) -> None:
    _, wanted, now = drawn
    plan = restored(json.dumps(now).encode(), json.dumps(wanted).encode(), rules)
    if plan.edits:
        assert same(apply_to_value(now, plan.edits), wanted)
    assert MARK not in diff.plan_terminal(plan, colour=False) + diff.plan_markdown(plan, limit=10_000)
