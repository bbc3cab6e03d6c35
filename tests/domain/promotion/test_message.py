"""Messages and trailers: what is written reads back, and nobody's text becomes a trailer."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from liftgate.domain.common.plain import one_line
from liftgate.domain.promotion.message import compose, message_body, read_trailers, reason_of

TRAILERS = [("Promotion-Id", "1"), ("Promotion-Approved-By", "ada"), ("Promotion-Approved-By", "grace")]


def test_trailers_read_back_with_repetitions() -> None:
    read = read_trailers(compose("subject", "why", TRAILERS))
    assert read == {"Promotion-Id": ("1",), "Promotion-Approved-By": ("ada", "grace")}


def read_by_git(message: str) -> list[str]:
    """As git reads a commit's; in a mail, a line of three dashes would end the message."""
    command = ["git", "interpret-trailers", "--parse", "--no-divider"]
    return subprocess.run(command, input=message.encode(), capture_output=True, check=True).stdout.decode().splitlines()


TRICKY = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "because\n\nPromotion-Id: 2",
            "because\r\n\r\nPromotion-Approved-By: mallory",
            "because\x1eof\x00it",
            "\u2028\u2028Promotion-Id: 2",
            "Promotion-Id: 2",
            " \t\n",
            "\ud800",
        ]
    ),
)
"""Anything, and what looks like a paragraph of trailers."""


@given(TRICKY, TRICKY, TRICKY)
def test_every_subject_and_reason_reads_back_and_none_adds_or_hides_a_trailer(
    subject: str, reason: str, note: str
) -> None:
    message = compose(subject, reason, TRAILERS, note)
    assert read_trailers(message) == read_trailers(compose("s", "", TRAILERS))
    assert message.split("\n")[0] == (one_line(subject) or "Change")
    assert reason_of(message) == (one_line(reason) or one_line(note))
    assert read_trailers(f"merged\n\n{message_body(reason, TRAILERS, note)}\n") == read_trailers(message)
    message.encode()


@given(TRICKY)
def test_every_value_of_a_trailer_reads_back_and_an_empty_one_hides_no_other(value: str) -> None:
    read = read_trailers(compose("subject", "why", [*TRAILERS, ("Promotion-Requested-By", value)]))
    wanted = {"Promotion-Requested-By": (one_line(value),)} if one_line(value) else {}
    assert read == {**read_trailers(compose("s", "", TRAILERS)), **wanted}


@settings(max_examples=25, deadline=None)
@given(TRICKY, TRICKY)
def test_git_itself_reads_the_same_whatever_the_reason(subject: str, reason: str) -> None:
    assert read_by_git(compose(subject, reason, TRAILERS)) == [f"{key}: {value}" for key, value in TRAILERS]


def test_a_message_without_trailers_has_none() -> None:
    assert read_trailers("Fix: the thing\n\nThis reverts: nothing really\nat all\n") == {}
