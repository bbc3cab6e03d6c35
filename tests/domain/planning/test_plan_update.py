from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import find, join
from liftgate.domain.planning.plan import Target, make_update
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.planning.rules import Rule, Rules
from liftgate.errors import Refused
from tests.domain.properties import MARK, documents, holds, keys
from tests.one_file import apply_plan

VALUES = {
    "application": {"version": "1.0.0", "environment": {"configs": {"debug": False}}},
    "db": {"password": f"ENC[AES256_GCM,data:{MARK}]", "hosts": ["a", "b"]},
    "plain": {"pin": f"{MARK}"},
    "sops": {"mac": "x", "mac_only_encrypted": True},
}
DATA = json.dumps(VALUES, indent=2).encode()
RULES = Rules(rules=(Rule(pointer="/plain/pin", owner="secret"),))


def update(changes: dict[str, Json], *remove: str, data: bytes = DATA) -> Plan:
    target = Target(environment="dev", path="configs/dev/values.json", blob="b", data=data)
    return make_update("shop", target=target, changes=changes, remove=remove, rules=RULES, policy_hash="p")


def after(changes: dict[str, Json], *remove: str) -> Any:
    return json.loads(apply_plan(update(changes, *remove), DATA, "b"))


def test_values_are_set_whoever_owns_them() -> None:
    result = after({"/application/version": "1.1.0", "/application/environment/configs/debug": True})
    assert result["application"] == {"version": "1.1.0", "environment": {"configs": {"debug": True}}}


def test_what_is_missing_above_a_value_is_created() -> None:
    assert after({"/new/a/b": 1, "/new/a/c": [2], "/new/d": {}})["new"] == {"a": {"b": 1, "c": [2]}, "d": {}}


def test_elements_of_arrays_are_set_and_appended() -> None:
    assert after({"/db/hosts/0": "x", "/db/hosts/-": "y"})["db"]["hosts"] == ["x", "b", "y"]


def test_values_are_removed() -> None:
    assert "hosts" not in after({}, "/db/hosts")["db"]


ELEMENTS: list[Json] = [f"e{number}" for number in range(12)]


@given(
    st.dictionaries(st.integers(0, 11), st.sampled_from(["new", None])),
    st.integers(0, 2).flatmap(lambda count: st.just([f"added{number}" for number in range(count)])),
)
def test_every_pointer_means_the_elements_as_they_are_before(wanted: dict[int, str | None], added: list[str]) -> None:
    """And what people are shown is what is done."""
    pointers = [f"/a/{len(ELEMENTS)}", "/a/-"] if len(added) == 2 else ["/a/-"]
    changes: dict[str, Json] = {f"/a/{at}": "new" for at, new in wanted.items() if new}
    changes |= dict(zip(pointers, added, strict=False))
    remove = [f"/a/{at}" for at, new in wanted.items() if new is None]
    data = json.dumps({"a": ELEMENTS}).encode()
    made = update(changes, *remove, data=data)
    kept = [wanted.get(at, element) for at, element in enumerate(ELEMENTS)]
    assert json.loads(apply_plan(made, data, "b"))["a"] == [*(each for each in kept if each), *added]
    shown = {row.pointer: row.before for row in made.rows if row.before}
    assert shown == {f"/a/{at}": json.dumps(ELEMENTS[at]) for at in wanted}


def test_null_is_a_value_and_not_a_removal() -> None:
    made = update({"/application/version": None, "/new/x": None}, "/db/hosts")
    assert [(row.kind, row.pointer, row.after) for row in made.rows] == [
        ("replace", "/application/version", "null"),
        ("remove", "/db/hosts", ""),
        ("add", "/new/x", "null"),
    ]
    changed = json.loads(apply_plan(made, DATA, "b"))
    assert (changed["application"]["version"], changed["new"], "hosts" in changed["db"]) == (None, {"x": None}, False)


@pytest.mark.parametrize("data", [b'{"a/b": {"c": 1}}', b'{"a/b": {"c": 1}, "a": {"x": 2}}'])
def test_a_missing_key_beside_one_with_a_slash_is_a_question(data: bytes) -> None:
    why = "/a/b/c does not exist; did you mean /a~1b/c"
    with pytest.raises(Refused, match=why):
        update({"/a/b/c": 2}, data=data)
    with pytest.raises(Refused, match=why):
        update({}, "/a/b/c", data=data)
    assert json.loads(apply_plan(update({"/a~1b/c": 2}, data=data), data, "b"))["a/b"] == {"c": 2}


def test_what_is_set_and_removed_at_once_is_refused() -> None:
    with pytest.raises(Refused, match="is named twice"):
        update({"/db/hosts": None}, "/db/hosts")


def test_setting_what_is_already_so_is_an_empty_plan() -> None:
    made = update({"/application/version": "1.0.0"})
    assert made.is_empty
    assert made.rows == ()


def test_an_update_says_what_it_is() -> None:
    made = update({"/application/version": "1.1.0"})
    assert (made.kind, made.release_id, made.version, made.first_time) == ("update", "", "1.1.0", False)
    assert [(row.kind, row.pointer, row.before, row.after) for row in made.rows] == [
        ("replace", "/application/version", '"1.0.0"', '"1.1.0"')
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"/db/password": "new-one"}, "/db/password is a secret"),
        ({"/db": {}}, "/db/password is a secret"),
        ({"/plain/pin": "1234"}, "/plain/pin is a secret"),
        ({"/plain": 1}, "/plain/pin is a secret"),
        ({"/other": "vault:kv/data/a#b"}, "/other is a secret"),
        ({"/other": {"list": ["ENC[AES256_GCM,data:x]"]}}, "/other/list/0 is a secret"),
        ({"/api/password": "hunter2"}, "/api/password looks like a text under the name of a password"),
        ({"/url": "postgres://app:hunter2@db/x"}, "/url looks like a URL with a password in it"),
        ({"/x": {"y": ["ghp_" + "aB3" * 12]}}, "/x/y/0 looks like a GitHub token"),
        ({"/sops/mac": "y"}, "cannot be set by an update"),
        ({"": {}}, "cannot be set by an update"),
        ({"/a": float("nan")}, "not valid JSON"),
        ({"/a": 2**60}, r"beyond 2\^53"),
        ({"/a": "\ud800"}, "not valid JSON"),
        ({"/a": 1, "/a/b": 2}, "/a/b is inside /a"),
        ({"/application/version/x": 1}, "/application/version is not an object"),
        ({"/db/hosts/7": 1}, "outside an array"),
        ({"no-slash": 1}, "did you mean '/no-slash'"),
    ],
)
def test_what_an_update_may_not_do(changes: dict[str, Json], why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        update(changes)
    assert "hunter2" not in str(refused.value)


def test_removing_what_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="/x does not exist"):
        update({}, "/x")


@holds(documents(), keys, keys)
def test_hostile_keys_are_keys(values: dict[str, Json], one: str, other: str) -> None:
    if isinstance(values.get(one), list) or one in ("hidden", "sops"):
        return
    data = json.dumps({**values, one: {}}).encode()
    made = update({join([one, other, "x"]): 7}, data=data)
    assert find(json.loads(apply_plan(made, data, "b")), join([one, other, "x"])) == 7
