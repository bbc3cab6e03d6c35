"""`log-check` with the log that the sandbox's pods really write, through Argo CD."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox_tests.argocd.lab import Lab
from starlette.responses import PlainTextResponse

from liftgate.domain.common.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.steps.context import StepCapabilities
from liftgate.steps.log_check import run
from tests.integrations.deployer.test_argocd_reads import log
from tests.steps.world import LONG_AGO, context, reads, serving, since


def verdict(app: Lab, began: datetime = LONG_AGO, **settings: Any) -> Verdict:
    return run(
        context(capabilities=StepCapabilities(live=reads(app), since=since(began)), **({"within": 0.3} | settings))
    )


def on(*lines: str, began: datetime = LONG_AGO, **settings: Any) -> Verdict:
    """On an application that printed this at noon."""
    with serving(PlainTextResponse(log(*lines))) as url:
        live = ArgoCDReads(url, "token", "promo")
        return run(context(capabilities=StepCapabilities(live=live, since=since(began)), **{"within": 0.2} | settings))


def test_what_must_be_there_is_there(app: Lab) -> None:
    assert verdict(app, must=["INFO ready, version 1\\.0"], must_not=["ERROR"]).passed


def test_what_must_not_be_there_fails_with_the_line(app: Lab) -> None:
    result = verdict(app, must_not=["starting"])
    assert result.failed
    assert result.reason == "log: INFO starting version 1.0.0"
    assert result.findings[0].place.startswith("pod app-")


def test_what_is_missing_fails_with_the_last_line() -> None:
    result = on("INFO starting", "INFO ready", must=["database connected"])
    assert result.failed
    assert "no line since the sync matches database connected; the last line is: INFO ready" in result.reason


def test_what_was_printed_before_the_sync_does_not_count(app: Lab) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert verdict(app, later, must_not=["starting"]).passed
    result = verdict(app, later, must=["starting"])
    assert result.failed
    assert "there is no line at all" in result.reason


def test_a_line_that_comes_a_little_later_is_waited_for() -> None:
    with serving(PlainTextResponse(log("INFO starting")), PlainTextResponse(log("INFO starting", "INFO ready"))) as url:
        live = ArgoCDReads(url, "token", "promo")
        assert run(context(capabilities=StepCapabilities(live=live, since=since(LONG_AGO)), must=["ready"])).passed


def test_it_goes_on_watching_for_what_must_not_come() -> None:
    with serving(PlainTextResponse(log("ok")), PlainTextResponse(log("ok", "PANIC"))) as url:
        live = ArgoCDReads(url, "token", "promo")
        capabilities = StepCapabilities(live=live, since=since(LONG_AGO))
        assert run(context(capabilities=capabilities, watch=0.2, must_not=["PANIC"])).failed


def test_a_secret_in_a_line_is_never_shown() -> None:
    result = on("ERROR cannot reach postgres://app:hunter2secret@db/app password=hunter2", must_not=["ERROR"])
    assert result.failed
    assert "hunter2" not in result.model_dump_json()
    assert "ERROR cannot reach postgres://app:" in result.reason


def test_long_lines_and_many_lines_are_cut() -> None:
    result = on(*["ERROR " + "word " * 2000] * 30, must_not=["ERROR"])
    assert [len(finding.message) < 300 for finding in result.findings] == [True] * 5
    assert "and 25 lines more" in result.reason


def test_the_promoted_version_can_stand_in_a_pattern_and_its_dots_are_dots() -> None:
    assert on("ready, version 1.4.2", must=["version {version}$"]).passed
    assert on("ready, version 1x4x2", must=["version {version}$"]).failed


def test_a_wrong_pattern_is_a_mistake_in_the_settings() -> None:
    settings: dict[str, Any] = {"must-not": ["("]}
    with pytest.raises(Misconfigured, match=r"checks\.log-check\.must-not\.0: '\(' is no regular expression"):
        run(context(**settings))


@pytest.mark.parametrize("settings", [{}, {"must": ["x"]}])
def test_without_patterns_or_a_deployer_it_is_not_configured(settings: dict[str, Any]) -> None:
    assert run(context(**settings)).state == "not configured"
