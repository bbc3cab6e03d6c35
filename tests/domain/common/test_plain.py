"""Control characters: refused in what people type, replaced in what is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.common.plain import check_plain, checked_line, one_line, printable
from liftgate.errors import Refused


@given(st.text())
def test_what_is_shown_has_no_control_character_and_is_as_long(text: str) -> None:
    shown = printable(text)
    left = {unicodedata.category(character) for character in shown if character not in "\t\n\r"}
    assert not left & {"Cc", "Cs", "Zl", "Zp"}
    assert len(shown) == len(text)
    shown.encode()


@given(st.text())
def test_a_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert line.splitlines() in ([line], [])
    assert one_line(line) == line


@pytest.mark.parametrize("bad", ["\x1e", "\x00", "\x1b", "\x7f", "\x9b", "\u2028", "\ud800"])
def test_a_control_character_is_refused_with_its_place(bad: str) -> None:
    said = f"reason: character 4 is a control character .U.{ord(bad):04X}.; write plain text"
    with pytest.raises(Refused, match=said):
        check_plain({"reason": f"why{bad}not"})
    with pytest.raises(Refused, match="changes: character 2"):
        check_plain({"changes": {f"/{bad}": 1}})


def test_blanks_of_every_kind_are_blanks() -> None:
    assert checked_line("reason", " because\r\n\tof  it\n") == "because of it"


def test_values_are_json_and_may_hold_anything() -> None:
    check_plain({"changes": {"/motto": "first\x1elast"}, "limit": 3})
