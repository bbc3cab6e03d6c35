"""No text raises anything but the one error, and every value within the bounds is read as JSON reads it."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.bounded_json import DEEPEST, UnreadableJson, loads, read_as
from liftgate.domain.promotion.announcement import Place
from tests.domain.properties import documents, holds

DEEP = "[" * 200_000


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEEP, "deeper than 128"),
        (DEEP + "]" * 200_000, "deeper than 128"),
        ('{"a":' * 200_000, "deeper than 128"),
        (nested(DEEPEST + 1), "deeper than 128"),
        ("", "not JSON"),
        ('{"a": NaN}', "not JSON"),
        ("-Infinity", "not JSON"),
        ("1" * 5000, "not JSON"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udc00": 1}', "surrogate"),
    ],
)
def test_what_cannot_be_read_is_one_error_that_says_why(text: str, said: str) -> None:
    for given in (text, text.encode()):
        with pytest.raises(UnreadableJson, match=said):
            loads(given)


def test_bytes_that_are_no_text_and_too_many_bytes_are_refused() -> None:
    with pytest.raises(UnreadableJson, match="UTF-8"):
        loads(b'"\xff"')
    with pytest.raises(UnreadableJson, match="larger than 3 bytes"):
        loads(b"[1,2]", largest=3)


def test_what_is_within_the_bounds_is_read_also_where_brackets_stand_in_texts() -> None:
    assert loads(nested(DEEPEST)) == json.loads(nested(DEEPEST))
    assert loads(json.dumps("[" * 1000)) == "[" * 1000
    assert loads('"\\ud83d\\ude00"') == "😀"
    assert len(loads("[" + ",".join(["[]"] * 1000) + "]")) == 1000


def test_a_thread_with_little_stack_survives_it() -> None:
    """As a server's threads have it, where the interpreter is built so."""
    seen: list[str] = []

    def read() -> None:
        try:
            loads(DEEP)
        except UnreadableJson as error:
            seen.append(str(error))

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert seen == ["is nested deeper than 128 levels"]


def test_a_value_of_ours_or_one_error() -> None:
    assert read_as(Place, '{"channel": "C", "ts": "1.2"}') == Place(channel="C", ts="1.2")
    for text in ('{"channel": "C"}', "[]", "7", DEEP, "nonsense"):
        with pytest.raises(UnreadableJson):
            read_as(Place, text)


@holds(documents())
def test_every_sound_document_is_read_as_json_reads_it(value: Json) -> None:
    assert same(loads(json.dumps(value)), value)


@holds(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        loads(data)
    except UnreadableJson:
        return
    json.loads(data.decode())
