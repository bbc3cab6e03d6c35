"""What a pause holds, how its id is read, and what people read of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from liftgate.domain.approval.pause import (
    ALL,
    ONE,
    Pause,
    PauseNote,
    Resume,
    environment_of,
    holding,
    pause_message,
    place_in,
    place_of,
)
from liftgate.domain.approval.statement import read_statement, sign_statement
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER

COMMIT = "a" * 40


def pause(**changes: Any) -> Pause:
    return Pause.model_validate({"reason": "incident 7", "by": "ada", "since": NOW} | changes)


@pytest.mark.parametrize("environment", ["", "prod", "eu-west.1"])
def test_the_place_of_a_pause_names_its_environment(environment: str) -> None:
    place = place_of(environment)
    assert place == (f"pause/{environment}" if environment else "pause-all")
    assert environment_of(place) == environment
    assert place_in(f"{place}/{COMMIT}-0") == place


def test_pauses_that_older_versions_made_are_still_read() -> None:
    assert [environment_of(place) for place in ("stop-all", "stop/prod", "pause-all")] == ["", "prod", ""]
    assert [place_in(f"{place}/{COMMIT}-12") for place in ("stop-all", "stop/prod")] == ["stop-all", "stop/prod"]
    assert (ALL[0], ONE[0]) == ("pause-all", "pause/"), "the first form is the one that new pauses get"


@pytest.mark.parametrize(
    "text",
    [
        "", "pause-all", f"pause-all/{COMMIT}", f"pause-all/{COMMIT}-", f"pause-all/{COMMIT}-12345",
        f"pause-all/{COMMIT[:39]}-0", f"pause-all/{'A' * 40}-0", f"pause/{COMMIT}-0", f"pause/a/b/{COMMIT}-0",
        f"other/{COMMIT}-0", f"pause-all/{COMMIT}-0\n", f"../pause-all/{COMMIT}-0", f"pause-all/{COMMIT}-0.json",
    ],
)  # fmt: skip
def test_a_text_that_is_no_pauses_id_has_no_place(text: str) -> None:
    assert place_in(text) == ""


def test_an_id_may_have_the_commit_of_a_repository_with_sha256() -> None:
    assert place_in(f"pause/prod/{'b' * 64}-3") == "pause/prod"


def test_a_pause_holds_its_own_environment_and_one_of_all_holds_each() -> None:
    prod, every = pause(environment="prod"), pause()
    assert holding([prod], "prod") == prod
    assert holding([prod], "staging") is None
    assert holding([every], "staging") == every
    assert holding([prod, every], "dev") == every
    assert holding([], "prod") is None


def test_people_read_where_by_whom_since_when_and_why() -> None:
    at = f"{NOW:%a %d %b %H:%M} UTC"
    assert pause().sentence == f"promotions are paused by ada since {at}: incident 7"
    assert pause(environment="prod").sentence == f"promotions to prod are paused by ada since {at}: incident 7"


def test_people_read_that_a_branch_was_deleted_and_lifted_nothing() -> None:
    said = pause(branch_deleted=True).sentence
    assert said == (
        f"{pause().sentence} (its branch was deleted without a signed statement, so the pause stays in force)"
    )


def test_the_time_is_told_in_utc() -> None:
    from zoneinfo import ZoneInfo

    assert pause(since=NOW.astimezone(ZoneInfo("Asia/Tokyo"))).sentence == pause().sentence


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("incident 7", "incident 7\n"),
        ("two\n\nlines", "two lines\n"),
        ("  ", "no reason given\n"),
        ("x" * 300, "x" * 200 + "\n"),
    ],
)
def test_a_reason_is_one_line_of_the_commit(reason: str, written: str) -> None:
    assert pause_message(reason) == written


def test_a_secret_in_a_reason_is_not_written_to_git() -> None:
    assert "hunter2hunter2" not in pause_message("the password=hunter2hunter2 leaked")


def test_a_note_of_a_pause_is_never_read_as_its_end() -> None:
    """The server signs both in one namespace."""
    signers = read_allowed(ALLOWED_SIGNERS)
    identity = f"pause/prod/{COMMIT}-0"
    note = PauseNote(pause=identity, reason="incident 7", by="ada", since=NOW)
    lifted = Resume(pause=identity, person="ada", at=NOW + timedelta(hours=1))
    stored = [sign_statement(each, SERVER, signature.VOTES) for each in (note, lifted)]
    assert [read_statement(each, Resume, signature.VOTES, signers) for each in stored] == [None, lifted]
    assert [read_statement(each, PauseNote, signature.VOTES, signers) for each in stored] == [note, None]
