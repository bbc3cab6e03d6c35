"""A pattern of a schema or a log check, and references that multiply, end with a failed verdict: no worker is stuck."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.errors import Misconfigured
from liftgate.steps import patterns, schema_validation
from liftgate.steps.context import Context
from tests.steps.test_log_check import on

SLOW = "^(a|a)*$"
VICTIM = "a" * 60 + "!"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEEP: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": True}


def checked(schema: Json, values: str) -> tuple[str, str]:
    context = Context(application="a", environment="dev", path="v.json", data=values.encode(), schema=schema)
    verdict = schema_validation.run(context)
    return verdict.state, verdict.reason


@pytest.fixture
def little_time() -> Iterator[None]:
    """The same rule, a sooner end."""
    with patterns.pattern_time(0.3):
        yield


@pytest.mark.usefixtures("little_time")
@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"pattern": SLOW}}},
        {"propertyNames": {"pattern": SLOW}},
        {"patternProperties": {SLOW: False}},
        {"patternProperties": {SLOW: True}, "additionalProperties": False},
        {"$schema": DIALECT, "anyOf": [{"$ref": "#/$defs/s"}],
         "$defs": {"s": {"$schema": DIALECT, "propertyNames": {"pattern": SLOW}}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "propertyNames": {"pattern": SLOW}},
        {"$ref": "#/$defs/d0", "$defs": DEEP},
    ],
)  # fmt: skip
def test_a_schema_that_would_take_for_ever_is_a_failed_verdict(schema: Json) -> None:
    state, reason = checked(schema, f'{{"a": "{VICTIM}", "{VICTIM}": 1}}')
    assert state == "failed"
    assert reason.startswith("v.json was not checked within 5 s; the check stopped")
    assert VICTIM not in reason


@pytest.mark.usefixtures("little_time")
def test_a_pattern_of_a_log_check_ends_too() -> None:
    verdict = on(VICTIM, must=[SLOW])
    assert (verdict.state, verdict.reason[:40]) == ("failed", "log: a line was not checked within 5 s; ")


@pytest.mark.usefixtures("little_time")
def test_other_threads_go_on_while_a_pattern_is_searched() -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    with pytest.raises(patterns.TooSlow), patterns.pattern_time():
        patterns.found(SLOW, VICTIM)
    done.set()
    thread.join()
    assert ticks > 5


def test_the_pair_of_keywords_without_a_limit_is_refused() -> None:
    schema: Json = {"patternProperties": {"a": True}, "$defs": {"x": {"unevaluatedProperties": False}}}
    with pytest.raises(Misconfigured, match="unevaluatedProperties together with patternProperties"):
        checked(schema, "{}")


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        r"\d",
        r"\w",
        r"\s",
        "[a-c]",
        "[^a]",
        "(a|b)",
        "(?:ab)",
        "a?",
        "a{1,2}",
        "^",
        "$",
        r"\.",
        r"\b",
        "- ",
    ]
)


@given(st.lists(PIECES, max_size=6).map("".join), st.text("ab1. -\n", max_size=12))
def test_usual_patterns_mean_what_they_meant(pattern: str, text: str) -> None:
    assert patterns.found(pattern, text) == (re.search(pattern, text) is not None)
