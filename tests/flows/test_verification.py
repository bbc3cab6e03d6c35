"""The steps that verify on a real Prefect server: side by side, each with its line, and all that fail are told."""

from __future__ import annotations

import pytest

from liftgate.domain.promotion.message import REVERTS
from tests.flows.chat import messages
from tests.flows.failing import FAILURES, committed, good
from tests.lab import Lab
from tests.services.course import course_of

pytestmark = pytest.mark.prefect


def test_every_step_says_what_it_found_and_people_read_all_of_it_where_the_rollback_heals_nothing(lab: Lab) -> None:
    """The integration test fails after the rollback too."""
    course_of(lab).past("1.4.1")
    lab.variables["LIFTGATE_WORKER__COMMANDS"] = '{"smoke": ["sh", "-c", "echo 2 of 9 failed; exit 1"]}'
    lab.deploy()
    several = [FAILURES[name] for name in ("served-config", "health-check", "log-check")]
    checks = {name: check for name, check in good(lab).items() if name != "metric-check"}
    for failure in several:
        checks[failure.step] |= failure.checks(lab, "1.4.2")
    committed(lab, checks, "1.4.2")
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "RollbackFailed"), state["message"]
    wanted = [failure.words for failure in several] + ["2 of 9 failed", "people must act now"]
    assert [words for words in wanted if words not in state["message"]] == []
    assert lab.commits()[0].trailer(REVERTS) == run
    assert lab.version("dev") == "1.4.1"
    assert any("1.4.2" in one["text"] and "people must act now" in one["text"] for one in messages(lab))
    said = "\n".join(lab.task_logs(run))
    for name, found in (
        *((failure.step, "failed") for failure in several),
        ("integration-test", "failed"),
        ("backup-check", "passed"),
        ("metric-check", "not configured"),
    ):
        assert f"{name}: {found}: " in said
