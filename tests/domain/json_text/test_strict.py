from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, find
from liftgate.domain.json_text.scanner import MAX_FAULTS
from liftgate.domain.json_text.strict import MAX_BYTES, read_json, sound
from liftgate.errors import Refused
from tests.domain.properties import documents, holds, layouts

CASES = Path(__file__).parents[2] / "cases" / "json"
EXPECTED = dict(line.split(": ", 1) for line in (CASES / "expected.txt").read_text().splitlines())


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_bad_json_is_named_by_place_and_rule(case: str) -> None:
    found = read_json((CASES / f"{case}.json").read_bytes()).violations
    assert ", ".join(f"{each.place} {each.rule}" for each in found) == EXPECTED[case]


def test_every_case_is_expected_to_be_something() -> None:
    assert {path.stem for path in CASES.glob("*.json")} == set(EXPECTED)


def test_all_violations_are_told_at_once_with_pointer_and_first_place() -> None:
    found = read_json((CASES / "many-mistakes.json").read_bytes(), name="values.json").violations
    told = [str(each) for each in found]
    assert told[1].startswith("values.json:4:3: at /a: The object has this key more than once")
    assert "First at 3:3." in told[1]
    assert told[-1].startswith("values.json:7:8: at /d: The number is larger than an IEEE double can hold")


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**64, 10**307])
def test_an_integer_beyond_2_53_stays_as_it_is_written_with_a_warning(number: int) -> None:
    document = read_json(json.dumps({"a": [{"id": number}, 2**53]}).encode(), name="values.json")
    assert (document.value, document.violations) == ({"a": [{"id": number}, 2**53]}, ())
    (warning,) = document.large_integers
    assert (warning.place, warning.rule, warning.blocking) == ("values.json:1:9", "integer-range", False)
    assert warning.message.startswith("at /a/0/id: The integer is beyond 2^53")


def test_a_text_without_quotes_is_never_repeated() -> None:
    text = b'{"password": hunter2-secret, "b": "hunter2-secret\x01", "c": \'hunter2-secret\'}'
    assert "hunter2" not in " ".join(str(each) for each in read_json(text).violations)


def test_a_broken_document_has_no_value() -> None:
    assert read_json(b'{"a": 1, "a": 2}').value is None


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740992",
        "-9007199254740992",
        "1.50",
        "-0.0",
        "1e300",
        "5e-324",
        "0e-999",
        '"\\ud83d\\ude00"',
    ],
)
def test_what_every_reader_reads_alike_is_accepted(text: str) -> None:
    assert same(read_json(text.encode()).value, json.loads(text))


def test_a_file_no_config_map_can_hold_is_refused_unread() -> None:
    assert [each.rule for each in read_json(b" " * MAX_BYTES + b"{}").violations] == ["size"]


def test_the_list_of_violations_ends_somewhere() -> None:
    found = read_json(b"[" + b"+1," * 5000 + b"1]").violations
    assert len(found) == MAX_FAULTS + 1
    assert found[-1].rule == "too-many"


@pytest.mark.parametrize(
    "hostile", ['{"a":' * 9000, "[" * 9000, '"' + "\\" * 9001, "[" + '"' * 9001, "/*" * 9000, "'" * 9001]
)
def test_hostile_text_is_answered(hostile: str) -> None:
    assert read_json(hostile.encode()).violations


def test_places_are_of_keys_and_elements() -> None:
    document = sound(b'{\n  "a": {"b/c": [10,\n 20]}\n}')
    assert document.locate("/a") == (2, 3)
    assert document.locate("/a/b~1c/1") == (3, 2)
    assert document.locate("/a/missing/x") == (2, 3)
    assert document.locate("") == (1, 1)


def test_sound_names_the_first_violation_and_how_many_more() -> None:
    with pytest.raises(Refused, match=r"^v\.json:1:7: at /a: .* \(and 1 more\)$"):
        sound(b'{"a": NaN, "b": NaN}', name="v.json")


@holds(documents(secret=True), layouts())
def test_valid_text_is_read_as_json_reads_it(value: Json, lay_out: Callable[[Json], str]) -> None:
    document = read_json(lay_out(value).encode())
    assert document.violations == ()
    assert same(document.value, value)


@holds(documents(), layouts())
def test_every_span_is_the_text_of_its_value(value: Json, lay_out: Callable[[Json], str]) -> None:
    document = read_json(lay_out(value).encode())
    for pointer, (start, end) in document.spans.items():
        assert same(json.loads(document.text[start:end]), find(value, pointer))


@holds(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    agrees(data)


@holds(
    documents(),
    layouts(),
    st.integers(0),
    st.sampled_from(list(r'{}[],:"\/0e+.x#' + "\n\x00'")),
    st.integers(0, 2),
)
def test_spoiled_text_is_accepted_only_if_json_accepts_it(
    value: Json, lay_out: Callable[[Json], str], place: int, character: str, cut: int
) -> None:
    text = lay_out(value)
    at = place % (len(text) + 1)
    agrees((text[:at] + character + text[at + cut :]).encode())


def agrees(data: bytes) -> None:
    """No violations exactly when the standard reader, told to be strict, has none either."""
    found = read_json(data)
    try:
        value = strictly(data)
    except ValueError:
        assert found.violations
    else:
        assert found.violations == ()
        assert same(found.value, value)


def strictly(data: bytes) -> Json:
    def unique(pairs: list[tuple[str, Json]]) -> Json:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    def number(text: str) -> float:
        if not math.isfinite(float(text)) or (
            float(text) == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0])
        ):
            raise ValueError
        return float(text)

    def integer(text: str) -> int:
        if len(text.lstrip("-")) > 308:
            raise ValueError
        return int(text)

    value = json.loads(
        data.decode(), object_pairs_hook=unique, parse_constant=number, parse_float=number, parse_int=integer
    )
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1,}', {"a": 1}),
        ("{'a': 'it'}", {"a": "it"}),
        ("{a: word}", {"a": "word"}),
        ('{"a": True, "b": None, "c": NaN, "d": 1e400}', {"a": True, "b": None, "c": None, "d": None}),
        ('{"a": 1, "a": 2}', {"a": 1}),
        ('{"a": "\\ud800", "\\ud800": 1}', {"a": "\ufffd", "\ufffd": 1}),
        ("// text\n[1 2]", [1, 2]),
        ('\ufeff{"a": [+1, 01]}', {"a": ["+1", "01"]}),
        ('{"a": 1', MISSING),
        ('{"a": 1]', MISSING),
        ("{} {}", MISSING),
        ("<<<<<<< HEAD", MISSING),
        ("", MISSING),
    ],
)
def test_what_a_text_with_mistakes_most_likely_means(text: str, value: Json) -> None:
    document = read_json(text.encode())
    mended = document.mended
    assert document.value is None
    assert (mended.value if mended else MISSING) == value
    assert mended is None or not mended.violations


@holds(st.text() | st.text("{}[],:\"'ab1 \\u{}d8"))
def test_no_text_breaks_the_search_for_its_meaning(text: str) -> None:
    mended = read_json(text.encode("utf-8", "surrogatepass")).mended
    assert mended is None or json.dumps(mended.value, allow_nan=False).encode()
