"""What is only for people is done beside the run, and is there when they look."""

from __future__ import annotations

import threading

import pytest

from liftgate.errors import Unavailable
from liftgate.services.best_effort import beside, catch_up


def test_the_run_goes_on_and_catches_up_before_people_look() -> None:
    may_end, done = threading.Event(), list[str]()

    def act() -> None:
        may_end.wait(10)
        done.append("shown")

    beside("it is not shown", act)
    assert not done
    may_end.set()
    catch_up()
    assert done == ["shown"]


def test_what_fails_beside_it_is_a_line_and_hides_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    done = list[str]()

    def fails() -> None:
        raise Unavailable("Prefect is not reachable")

    beside("the artifact is left out", fails)
    beside("it is not shown", lambda: done.append("shown"))
    catch_up()
    assert "the artifact is left out: Prefect is not reachable" in capsys.readouterr().out
    assert done == ["shown"]


def test_a_chat_that_hangs_holds_up_no_artifact_and_a_promotion_s_messages_keep_their_order() -> None:
    """The run goes on besides; only before people look does it wait for the chat."""
    answers, shown, done = threading.Event(), threading.Event(), list[str]()

    def post() -> None:
        answers.wait(10)
        done.append("message")

    def show() -> None:
        done.append("artifact")
        shown.set()

    beside("people could not be told", post, lane="chat")
    beside("people could not be told", lambda: done.append("line in its thread"), lane="chat")
    beside("the artifact is left out", show)
    assert shown.wait(10)
    assert done == ["artifact"]
    answers.set()
    catch_up()
    assert done == ["artifact", "message", "line in its thread"]
