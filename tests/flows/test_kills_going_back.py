"""kill -9 while going back to a chosen promotion: it goes on, with one commit, entry and message; and so do two."""

from __future__ import annotations

import pytest
from sandbox_tests.plain import eventually

from liftgate.domain.promotion.message import RESTORES
from tests.flows.faults import fault
from tests.flows.test_kills import PUSH, check_once, healed, kill, kill_while, stall, swept
from tests.lab import Lab
from tests.services.course import course_of
from tests.services.test_rollbacks_to import FILE, file_at

__all__ = ["swept"]
pytestmark = [pytest.mark.prefect, pytest.mark.long]


@pytest.fixture
def chosen(swept: Lab) -> str:
    return two_promotions(swept)


def two_promotions(lab: Lab) -> str:
    """The first one."""
    course = course_of(lab)
    first, _ = course.past("1.4.2"), course.past("1.4.3")
    return first


def going_back(lab: Lab, to: str) -> str:
    return lab.start("rollback", application="example-app", environment="dev", back_to=to)


def check(lab: Lab, run: str, to: str) -> None:
    assert healed(lab, run)["name"] == "Verified"
    check_once(lab, run, "verified")
    first = next(entry for entry in lab.entries("dev") if entry.promotion == to)
    assert file_at(lab, lab.commits()[0].sha) == file_at(lab, first.revision)
    assert [c.trailer(RESTORES) for c in lab.commits()].count(to) == 1
    assert lab.serves("dev") == "1.4.2"


def test_before_the_push(swept: Lab, chosen: str) -> None:
    stall(swept, "forge", path=PUSH)
    run = going_back(swept, chosen)
    kill_while(swept, run, "revert-commit")
    check(swept, run, chosen)


def test_after_the_push_with_its_answer_lost(swept: Lab, chosen: str) -> None:
    fault(swept, "forge", "lost-push-answer", times=1)
    run = going_back(swept, chosen)
    assert eventually(lambda: swept.commits()[0].trailer(RESTORES) == chosen, within=60)
    kill(swept, run)
    check(swept, run, chosen)


def test_between_commit_and_sync(swept: Lab, chosen: str) -> None:
    fault(swept, "argocd", "controller-down")
    run = going_back(swept, chosen)
    kill_while(swept, run, "sync")
    check(swept, run, chosen)


def test_before_people_are_told(swept: Lab, chosen: str) -> None:
    stall(swept, "slack", path="chat.update")
    run = going_back(swept, chosen)
    kill_while(swept, run, "tell the outcome")
    check(swept, run, chosen)


def test_two_at_once_are_one_rollback(lab: Lab) -> None:
    first = two_promotions(lab)
    runs = [going_back(lab, first) for _ in range(2)]
    states = [lab.ended(run) for run in runs]
    said = [(state["name"], state["message"]) for state in states]
    assert all(name == "Verified" or "nothing to do" in message for name, message in said), said
    assert any(state["name"] == "Verified" for state in states)
    newest, *older = lab.commits()
    assert newest.trailer(RESTORES) == first
    assert first not in [commit.trailer(RESTORES) for commit in older]
    assert file_at(lab, newest.sha, FILE) != file_at(lab, older[0].sha, FILE)
