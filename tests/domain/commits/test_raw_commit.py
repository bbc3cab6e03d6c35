"""Commit objects as anybody may write them: read, or one commit that says why it cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.commits.raw_commit import NEVER, read_raw_commit

PARENT = b"1" * 40
PERSON = b"Ada <ada@example.com> 1700000000 +0100"


def commit(author: bytes = PERSON, committer: bytes = PERSON, message: bytes = b"Why\n", more: bytes = b"") -> bytes:
    head = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n" % (b"2" * 40, PARENT, author, committer)
    return head + more + b"\n" + message


def test_an_ordinary_one_is_read() -> None:
    raw = read_raw_commit(commit(message=b"Why\n\nPromotion-Id: 1\n"))
    assert (raw.author, raw.parents, raw.message) == ("Ada", (PARENT.decode(),), "Why\n\nPromotion-Id: 1\n")
    assert raw.when.timestamp() == 1700000000
    assert raw.is_readable


@pytest.mark.parametrize(
    "person",
    [
        b"",
        b"Ada",
        b"Ada <ada@example.com>",
        b"Ada <ada@example.com> soon +0000",
        b"Ada <ada@example.com> 99999999999999 +0000",
        b"Ada <ada@example.com> 99999999999999999999999999 +0000",
        b"Ada <ada@example.com> -99999999999999 +0000",
    ],
)
def test_a_missing_person_or_a_date_out_of_range_makes_it_unreadable(person: bytes) -> None:
    raw = read_raw_commit(commit(committer=person, message=b"Why\n\nPromotion-Id: 1\n"))
    assert not raw.is_readable
    assert raw.message.startswith("(this commit cannot be read: its ")
    assert (raw.when, raw.parents) == (NEVER, (PARENT.decode(),))


def test_a_date_before_1970_is_one() -> None:
    assert read_raw_commit(commit(committer=b"Ada <a@b> -5 +0000")).when.year == 1969


def test_control_characters_are_replaced_and_join_nothing() -> None:
    raw = read_raw_commit(commit(author=b"A\x1bda <a@b> 1 +0000", message=b"Why\n\nPromotion-\x1eId: 1\x00\n"))
    assert raw.message == "Why\n\nPromotion-\N{REPLACEMENT CHARACTER}Id: 1\N{REPLACEMENT CHARACTER}\n"
    assert raw.author == "A\N{REPLACEMENT CHARACTER}da"


@pytest.mark.parametrize(
    ("header", "message", "text"),
    [
        (b"", b"na\xefve\n", "na\N{REPLACEMENT CHARACTER}ve\n"),
        (b"encoding ISO-8859-1\n", b"na\xefve\n", "na\xefve\n"),
        (b"encoding zlib_codec\n", b"plain\n", "plain\n"),
        (b"encoding no-such-thing\xff\n", b"plain\n", "plain\n"),
        (b"encoding utf-16\n", b"plain\n", "plain\n"),
    ],
)
def test_the_encoding_is_the_headers_when_it_is_one_of_text(header: bytes, message: bytes, text: str) -> None:
    assert read_raw_commit(commit(message=message, more=header)).message == text


@given(st.binary() | st.builds(commit, st.binary(), st.binary(), st.binary(), st.binary()))
def test_no_bytes_raise(data: bytes) -> None:
    read_raw_commit(data).message.encode()


def test_a_long_line_of_brackets_is_read_at_once() -> None:
    assert not read_raw_commit(commit(author=b"<" * 2_000_000)).is_readable
