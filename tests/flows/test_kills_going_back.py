"""kill -9 while going back to a chosen promotion: it goes on, with one commit, entry and message; and so do two."""

from __future__ import annotations

import pytest

from liftgate.domain.message import RESTORES
from tests.flows.faults import fault
from tests.flows.test_kills import PUSH, check_once, healed, kill, kill_while, stall, swept
from tests.flows.test_rollback_to import FILE, dev, file_at, promoted
from tests.lab import Lab
from tests.prefect_server import eventually

__all__ = ["dev", "swept"]
pytestmark = [pytest.mark.prefect, pytest.mark.long]


@pytest.fixture
def chosen(dev: Lab, swept: Lab) -> str:
    """The first of two promotions."""
    first = promoted(dev, "1.4.2")
    promoted(dev, "1.4.3")
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


def test_two_at_once_are_one_rollback(dev: Lab) -> None:
    first = promoted(dev, "1.4.2")
    promoted(dev, "1.4.3")
    runs = [going_back(dev, first) for _ in range(2)]
    states = [dev.ended(run) for run in runs]
    said = [(state["name"], state["message"]) for state in states]
    assert all(name == "Verified" or "nothing to do" in message for name, message in said), said
    assert any(state["name"] == "Verified" for state in states)
    newest, *older = dev.commits()
    assert newest.trailer(RESTORES) == first
    assert first not in [commit.trailer(RESTORES) for commit in older]
    assert file_at(dev, newest.sha, FILE) != file_at(dev, older[0].sha, FILE)
