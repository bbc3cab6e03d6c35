"""Messages and trailers: what is written reads back, and nobody's text becomes a trailer."""

from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.message import compose, one_line, read_trailers

TRAILERS = [("Promotion-Id", "1"), ("Promotion-Approved-By", "ada"), ("Promotion-Approved-By", "grace")]


def test_trailers_read_back_with_repetitions() -> None:
    read = read_trailers(compose("subject", "why", TRAILERS))
    assert read == {"Promotion-Id": ("1",), "Promotion-Approved-By": ("ada", "grace")}


def test_git_reads_the_same_trailers() -> None:
    message = compose("subject", "why", TRAILERS)
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"{key}: {value}" for key, value in TRAILERS]


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_subject_or_reason_ever_adds_a_trailer(subject: str, body: str) -> None:
    assert read_trailers(compose(subject, one_line(body), TRAILERS)) == read_trailers(compose("s", "", TRAILERS))


def test_a_message_without_trailers_has_none() -> None:
    assert read_trailers("Fix: the thing\n\nThis reverts: nothing really\nat all\n") == {}
