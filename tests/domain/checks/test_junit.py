"""Test reports as several tools write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.checks.junit import Failure, Report, read_junit


@pytest.mark.parametrize(
    ("case", "failure"),
    [
        ('<testcase classname="a.B" name="c"><failure message="m">trace</failure></testcase>', ("a.B.c", "m")),
        ('<testcase name="c"><error type="E">\n  first\n  second</error></testcase>', ("c", "first")),
        ("<testcase><failure/></testcase>", ("a test", "failed")),
        ('<testcase name="c"><failure message="one&#10;two"/></testcase>', ("c", "one")),
    ],
)
def test_a_failure_has_the_name_and_the_first_line(case: str, failure: tuple[str, str]) -> None:
    name, message = failure
    found = read_junit(f"<testsuite>{case}<testcase name='good'/></testsuite>".encode())
    assert found == Report(tests=2, skipped=0, failures=(Failure(name=name, message=message),))


def test_a_bomb_of_entities_is_no_report() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testcase name="&b;"/>'
    assert read_junit(bomb) is None


@given(st.binary(max_size=200))
def test_what_is_no_report_is_none(data: bytes) -> None:
    assert read_junit(data) is None
