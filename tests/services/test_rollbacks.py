"""A bad release is taken back: reverted, synced, verified, recorded, told; and it stays out."""

from __future__ import annotations

import re

import pytest
from liftgate_sandbox.forge import Protection

from liftgate.domain.planning import diff
from liftgate.domain.promotion.message import REVERTS
from liftgate.errors import Refused
from liftgate.services.rollbacks import difference
from tests.examples import text, values
from tests.lab import configured
from tests.services.course import Course


def outcomes(course: Course, environment: str = "dev") -> list[tuple[str, str]]:
    return [(entry.kind, entry.outcome) for entry in course.lab.entries(environment)]


def test_what_works_in_staging_and_breaks_prod_is_rolled_back_there(course: Course) -> None:
    """1.5.0 needs a setting that dev and staging own and prod lacks."""
    lab = course.lab
    for name in ("dev", "staging"):
        owned = values(name, database={"url": "vault:secret/data/db#url"})
        lab.commit({f"configs/{name}/values.json": text(owned)})
    for name in ("dev", "staging"):
        assert course.promote("1.5.0", name).outcome == "promoted"
    run = course.start_as("rosa", "promote", to="prod")
    entry = course.finish(course.commit(course.begin(run), "ada"))
    assert (entry.outcome, entry.first_sync) == ("rolled back", True)
    assert re.fullmatch(r"Rolled back to 1\.4\.1 in \d+ s: health check: database unreachable.*", entry.sentence)
    assert (lab.version("prod"), lab.serves("prod")) == ("1.4.1", "1.4.1")
    assert lab.version("staging") == "1.5.0"
    assert outcomes(course, "prod") == [("rollback", "verified"), ("promote", "rolled back")]
    revert = lab.commits()[0]
    assert (revert.trailer(REVERTS), revert.trailer("Promotion-Requested-By")) == (run, "Liftgate")
    assert [e.requester for e in lab.entries("prod")] == ["Liftgate (automatic)", "rosa (server)"]
    assert "somebody" not in course.said()
    assert "runs there now" not in course.said(), "every promotion is over"


def test_it_is_blocked_there_afterwards_with_the_way_out(course: Course) -> None:
    assert course.promote("1.5.0").outcome == "rolled back"
    with pytest.raises(Refused, match=r"1\.5\.0 was rolled back in dev"):
        course.begin(course.start("promote", to="dev"))
    course.promoted("1.4.3")


def test_a_step_that_cannot_even_run_is_a_failed_one_also_after_the_rollback(course: Course) -> None:
    """Its settings are wrong: that is recorded like any other failure, and what comes next is not held up."""
    checks = {"health-check": {"http": ""}}
    course.lab.commit({"liftgate.json": text(configured(course.lab, applications={"example-app": {"checks": checks}}))})
    assert course.another(verify_deadline=1.0).promote("1.4.2").outcome == "rollback failed"
    assert outcomes(course) == [("rollback", "rollback failed"), ("promote", "rollback failed")]
    course.lab.commit({"liftgate.json": text(configured(course.lab))})
    course.promoted("1.4.3")


def test_where_a_test_fails_after_the_rollback_too_people_must_look_and_are_told_so(course: Course) -> None:
    commands = {"smoke": ["sh", "-c", "echo 2 of 9 failed; exit 1"]}
    worker = course.at.settings.worker.model_copy(update={"commands": commands})
    entry = course.another(worker=worker).promote("1.4.2")
    assert entry.outcome == "rollback failed"
    assert "2 of 9 failed" in entry.sentence
    assert "people must act now" in entry.sentence
    assert course.lab.version("dev") == "1.4.1"


def test_other_peoples_later_changes_survive_the_rollback(course: Course) -> None:
    lab = course.lab
    course.past("1.4.2")
    lab.commit({"configs/dev/values.json": text(lab.json("dev") | {"note": "kept"}), "README.md": b"x\n"})
    entry = course.roll_back(reason="by hand")
    assert entry.good
    assert re.fullmatch(r"Rolled dev back to 1\.4\.1 in \S+ s\.", entry.sentence)
    assert lab.json("dev")["note"] == "kept"
    assert lab.version("dev") == "1.4.1"


def test_where_later_changes_overlap_the_values_are_those_verified_last_and_not_somebodys_edit(course: Course) -> None:
    lab = course.lab
    course.past("1.4.2")
    lab.commit({"configs/dev/values.json": text(lab.json("dev") | {"note": "nobody verified this"})})
    course.past("1.4.3")
    overlapping = lab.json("dev")
    overlapping["application"]["version"] = "1.4.4"
    lab.commit({"configs/dev/values.json": text(overlapping), "README.md": b"x\n"})
    rollback = course.begin_back(course.start("rollback", environment="dev"))
    shown = diff.plan_markdown(difference(course.at, rollback)[0], limit=10_000)
    assert "/note" in shown
    assert "1.4.4" in shown
    assert course.back(rollback).sentence.startswith("Rolled dev back to 1.4.2 in ")
    assert "note" not in lab.json("dev")


def test_rolling_back_twice_takes_back_once(course: Course) -> None:
    run = course.past("1.4.2")
    first, again = (course.roll_back(promotion=run) for _ in range(2))
    assert first.good
    assert again == first
    assert len([commit for commit in course.lab.commits() if commit.trailer(REVERTS)]) == 1


def test_a_worker_that_may_not_push_the_revert_says_so(course: Course) -> None:
    bad = course.under_way("1.5.0")
    course.lab.town.forge.protect("shop/config", "main", Protection(approvals=1))
    entry = course.finish(bad)
    assert entry.outcome == "rollback failed"
    assert "does not let the worker push" in entry.sentence
    assert "\n" not in entry.sentence, "the commands stand in the call, not in the ledger"
    assert f"git revert --no-edit {bad.revision}" in course.said()
    assert f"liftgate rollback example-app --in dev --promotion {bad.id}" in course.said()


def test_nothing_to_take_back_is_said(course: Course) -> None:
    with pytest.raises(Refused, match="no commit of a promotion of example-app in dev"):
        course.roll_back()
