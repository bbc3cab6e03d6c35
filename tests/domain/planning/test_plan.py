from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.json_text.pointer import join, split
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.plan import Plan, Target
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.rules import Rules
from liftgate.errors import Refused
from tests.domain.properties import (
    MARK,
    Sides,
    holds,
    layouts,
    renamed,
    renamings,
    rule_sets,
    shuffled,
    sides,
)
from tests.one_file import apply_plan, fix, make_plan

DATA = b'{\n  "application": {"name": "shop", "version": "1.0.0"},\n  "limit": 1.50\n}\n'


def release(values: Json, rules: Rules = Rules()) -> Release:  # noqa: B008 - a frozen value
    return fix("shop", "abc123", "configs/dev/values.json", values, rules)


def target(data: bytes = DATA, blob: str = "blob1") -> Target:
    return Target(environment="prod", path="configs/prod/values.json", blob=blob, data=data)


OLD = release({"application": {"name": "shop", "version": "1.0.0"}, "limit": 1.5})
NEW = release({"application": {"name": "shop", "version": "1.1.0"}, "limit": 1.5})


def plan(new: Release = NEW, old: Release | None = OLD, *, at: Target | None = None, policy: str = "p") -> Plan:
    return make_plan(new, base=old, target=at or target(), rules=Rules(), policy_hash=policy)


def test_a_plan_changes_the_one_line() -> None:
    assert apply_plan(plan(), DATA, "blob1") == DATA.replace(b"1.0.0", b"1.1.0")
    assert plan().version == "1.1.0"
    assert plan().source == "abc123"
    assert plan().release_id == NEW.id


def test_a_plan_is_for_one_content_only() -> None:
    with pytest.raises(Refused, match=r"configs/prod/values\.json has changed since"):
        apply_plan(plan(), DATA, "blob2")


def test_a_plan_does_not_apply_to_bytes_that_are_not_what_the_blob_said() -> None:
    with pytest.raises(Refused, match="/application/version"):
        apply_plan(plan(), DATA.replace(b"1.0.0", b"1.0.9"), "blob1")


def test_the_first_values_of_an_environment_are_written_in_the_releases_order() -> None:
    empty = plan(NEW, None, at=target(b"", ""))
    assert empty.first_time
    assert apply_plan(empty, b"", "") == (
        b'{\n  "application": {\n    "name": "shop",\n    "version": "1.1.0"\n  },\n  "limit": 1.5\n}\n'
    )


def test_an_empty_plan_leaves_the_bytes() -> None:
    empty = plan(OLD)
    assert empty.is_empty
    assert apply_plan(empty, DATA, "blob1") == DATA


def test_a_plan_that_lacks_something_is_blocked() -> None:
    needing = plan(release({"application": {"environment": {"name": "dev"}}}))
    assert [row.pointer for row in needing.blocking] == ["/application/environment/name"]


def test_the_hash_covers_what_an_approval_is_for() -> None:
    same_again = make_plan(NEW, base=OLD, target=target(), rules=Rules(), policy_hash="p")
    others = [
        plan(policy="q"),
        plan(at=target(blob="blob2")),
        plan(at=target().copy_with(path="configs/eu/values.json")),
        plan(release({"application": {"name": "shop", "version": "1.2.0"}, "limit": 1.5})),
        plan(release({"application": {"name": "shop", "version": "1.1.0"}, "limit": 1})),
    ]
    assert same_again.hash == plan().hash
    assert len({plan().hash, *(each.hash for each in others)}) == len(others) + 1


def test_a_plan_survives_being_sent() -> None:
    assert Plan.model_validate_json(plan().model_dump_json()).hash == plan().hash


@pytest.mark.parametrize("data", [b"[]", b'"x"', b'{"a": 1, "a": 2}', b"{"])
def test_a_target_that_is_no_sound_object_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"configs/prod/values\.json"):
        plan(at=target(data))


def test_pins_hold_and_are_rows() -> None:
    pin = Pin(pointer="/application/version", owner="ada", reason="load test")
    held = make_plan(NEW, base=OLD, target=target(), rules=Rules(), policy_hash="p", pins=[pin])
    assert held.is_empty
    assert [row.kind for row in held.rows] == ["pinned"]


def three_way(three: Sides, rules: Rules, lay_out: Callable[[Json], str] = json.dumps) -> tuple[Plan, bytes]:
    """The plan, and the bytes it is for."""
    old, new, now = three
    data, base = lay_out(now).encode(), None if old is None else release(old, rules)
    return make_plan(release(new, rules), base=base, target=target(data), rules=rules, policy_hash="p"), data


@holds(sides(secret=True), rule_sets(), layouts())
def test_a_plan_does_to_the_bytes_what_its_edits_say(
    three: Sides, rules: Rules, lay_out: Callable[[Json], str]
) -> None:
    made, data = three_way(three, rules, lay_out)
    assert same(json.loads(apply_plan(made, data, "blob1")), apply_to_value(three[2], made.edits))
    assert MARK not in made.model_dump_json()


@holds(sides(secret=True), rule_sets(), st.integers(0, 9))
def test_the_order_of_keys_changes_no_hash(three: Sides, rules: Rules, seed: int) -> None:
    old, new, now = three
    other = shuffled(old, seed), shuffled(new, seed), shuffled(now, seed)
    assert three_way(three, rules)[0].hash == three_way(other, rules)[0].hash


@holds(sides(), renamings())
def test_hostile_keys_are_keys_like_any_other(three: Sides, names: dict[str, str]) -> None:
    """What a plan does under ordinary names it does under hostile ones, and nothing else."""
    old, new, now = three
    plain, data = three_way(three, Rules())
    hostile, hostile_data = three_way((renamed(old, names), renamed(new, names), renamed(now, names)), Rules())
    after, hostile_after = (json.loads(apply_plan(*each, "blob1")) for each in ((plain, data), (hostile, hostile_data)))
    assert same(hostile_after, renamed(after, names))
    wanted = {_renamed_pointer(edit.pointer, names): (edit.op, renamed(edit.value, names)) for edit in plain.edits}
    assert {edit.pointer: (edit.op, edit.value) for edit in hostile.edits} == wanted
    kinds = {(_renamed_pointer(row.pointer, names), row.kind) for row in plain.rows}
    assert {(row.pointer, row.kind) for row in hostile.rows} == kinds


def _renamed_pointer(pointer: str, names: dict[str, str]) -> str:
    return join(names.get(token, token) for token in split(pointer))
