"""What a run notes is found again under the same keys in the same form, also by the version after this one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.vote import gate_name, vote_key
from liftgate.domain.planning.plan_value import FilePlan, Plan
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.rendered.rendered import Rendered
from liftgate.domain.runs import run_notes as kinds
from liftgate.domain.runs.run_notes import NOTES, Check, Document, Note, Time, newest
from tests.examples import NOW

PLAN = Plan(
    application="shop", environment="prod", release_id="sha256:1", version="2.0.0", source="abc",
    files=(FilePlan(path="values.json", blob="blob1"),), rows=(), policy_hash="p",
)  # fmt: skip
GATE, HEAD = "gate-0123456789ab", "f" * 40


@pytest.mark.parametrize(
    ("note", "parts", "key"),
    [
        (kinds.REQUEST, (), "request"),
        (kinds.PLAN, (), "plan-"),
        (kinds.PLAN, (GATE,), f"plan-{GATE}"),
        (kinds.VOTE, (), "vote-"),
        (kinds.VOTE, (GATE,), f"vote-{GATE}-"),
        (kinds.FORM, (GATE,), f"suspended-{GATE}-"),
        (kinds.FORM, (GATE, "0"), f"suspended-{GATE}-0-response"),
        (kinds.MESSAGE, (), "message"),
        (kinds.UNSENT, (GATE, "0"), f"unsent-{GATE}-0"),
        (kinds.SENDING, (GATE, "0"), f"sending-{GATE}-0-"),
        (kinds.TOLD, (), "told-"),
        (kinds.TOLD, ("promote", "commit"), "told-promote-commit"),
        (kinds.STOPPED, ("cancelled",), "told-cancelled"),
        (kinds.RENDERED, (), "rendered-"),
        (kinds.RENDERED, ("1",), "rendered-1"),
        (kinds.VERDICT, ("json-lint", "1"), "verdict-json-lint-1"),
        (kinds.VERDICTS, ("json-lint", "1"), "verdicts-json-lint-1"),
        (kinds.STOP, (), "stop"),
        (kinds.RERUN, (), "rerun-"),
        (kinds.RERUN, ("0",), "rerun-0"),
        (kinds.REPLAN, (GATE, HEAD), f"replan-{GATE}-{HEAD}"),
    ],
)
def test_the_keys_are_those_of_runs_that_wait_during_an_upgrade(note: Note[Any], parts: Any, key: str) -> None:
    assert note.key(*parts) == key


SHOWN = "sha256:" + "a" * 64


def test_a_vote_has_the_key_of_its_note() -> None:
    assert vote_key(GATE, SHOWN, "ada") == kinds.VOTE.key(GATE, "a" * 12, "ada") == f"vote-{GATE}-{'a' * 12}-ada"
    assert gate_name("sha256:0123456789abcdef") == GATE


CHECK = Check(step="json-lint", state="passed", reason="3 files", at=NOW)
RENDERED = Rendered(plan="p", head="h", at=NOW, parts=())


@pytest.mark.parametrize(
    ("note", "value", "text"),
    [
        (kinds.PLAN, PLAN, PLAN.model_dump_json()),
        (kinds.MESSAGE, Place(channel="C1", ts="1.2"), '{"channel":"C1","ts":"1.2"}'),
        (
            kinds.RENDERED,
            RENDERED,
            '{"plan":"p","head":"h","at":"2026-11-24T12:00:00Z","parts":[]}',
        ),
        (
            kinds.VERDICT,
            CHECK,
            '{"step":"json-lint","state":"passed","reason":"3 files","at":"2026-11-24T12:00:00Z","inputs":""}',
        ),
        (kinds.RERUN, NOW, "2026-11-24T12:00:00+00:00"),
    ],
)
def test_what_is_stored_is_read_again(note: Any, value: Any, text: str) -> None:
    assert note.text(value) == text
    assert note.read(text) == value


@pytest.mark.parametrize("note", [note for note in NOTES if isinstance(note, Document | Time)])
@given(text=some.one_of(some.text(), some.sampled_from(["{}", "[" * 60_000, '{"at": 1}', "2026-11-24T12:00:00"])))
def test_anything_else_is_none(note: Any, text: str) -> None:
    assert note.read(text) is None


@pytest.mark.parametrize("value", [RENDERED, CHECK])
def test_a_time_without_a_zone_cannot_be_compared_and_is_none(value: Any) -> None:
    note: Any = next(note for note in NOTES if note.kind is type(value))
    assert note.read(value.model_dump_json().replace("12:00:00Z", "12:00:00")) is None


@pytest.mark.parametrize("note", NOTES)
def test_prefect_takes_the_keys_and_no_two_kinds_have_the_same(note: Note[Any]) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", re.sub(r"\{\w+\}", "0", note.pattern))
    assert note.meaning.endswith(".")
    assert [other.pattern for other in NOTES].count(note.pattern) == 1


@given(some.lists(some.tuples(some.sampled_from(["a", "b", "c"]), some.integers(0, 99)), unique_by=lambda c: c[1]))
def test_the_newest_check_of_each_step_counts_in_the_order_of_their_first(said: list[tuple[str, int]]) -> None:
    checks = [CHECK.copy_with(step=step, at=NOW + timedelta(seconds=at)) for step, at in said]
    latest: dict[str, datetime] = {}
    for check in sorted(checks, key=lambda check: check.at):
        latest[check.step] = check.at
    assert [(check.step, check.at) for check in newest(checks)] == list(latest.items())
