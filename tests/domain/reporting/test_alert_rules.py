"""The rules in Prometheus' own virtual time: what fires at which second, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.config.pipeline import ALERTS, METRICS, Monitoring
from liftgate.domain.reporting.alert_rules import alert_rules
from liftgate.domain.reporting.metrics import READS, exported
from tests.examples import SEED
from tests.prometheus_server import Case, fires, held

START = 3600
"""Second 0 of virtual time is 1970, when 0, which means never, was a moment ago."""
WHERE = 'application="a",environment="prod"'
SYNC = f'liftgate_errors_total{{{WHERE},kind="sync",instance="one"}}'
SYNC_AT = f'liftgate_last_error_timestamp_seconds{{{WHERE},kind="sync"}}'
ROLLBACK_AT = f'liftgate_last_error_timestamp_seconds{{{WHERE},kind="rollback"}}'
VERIFIED_AT = f"liftgate_last_verified_timestamp_seconds{{{WHERE}}}"
DRIFTING, DRIFTS = f"liftgate_drift_resources{{{WHERE}}}", f"liftgate_drifts_total{{{WHERE}}}"
LOOKED = "liftgate_last_look_timestamp_seconds"
UP = {"liftgate_build_info": held((1, 2 * START)), LOOKED: f"0+15x{2 * START // 15}"}
FAILED, DRIFTED, UNPAUSED = "LiftgateSyncFailed", "LiftgateDriftDetected", "LiftgatePauseWithoutBranch"
BYPASSED, UNUSABLE = "LiftgateBypassed", "LiftgateConfigurationUnusable"


def written(**monitoring: Any) -> Any:
    return alert_rules(Monitoring.model_validate(monitoring))


def names(**monitoring: Any) -> list[str]:
    return [rule["alert"] for group in written(**monitoring)["groups"] for rule in group["rules"]]


def sync_failed(threshold: str = "1", window: str = "5m") -> Any:
    return written(alerts={"sync-failed": {"threshold": threshold, "window": window}})


def drift(threshold: str = "any", window: str = "1m") -> Any:
    return written(alerts={"drift-detected": {"threshold": threshold, "window": window}})


def after(seconds: dict[int, str]) -> dict[int, set[str]]:
    """What fires so many seconds after the start; an empty text: nothing."""
    return {START + second: set(filter(None, [name])) for second, name in seconds.items()}


def test_the_seed_has_an_alert_for_each_of_its_own_and_for_what_blinds_them() -> None:
    assert names(**SEED["monitoring"]) == [
        FAILED, DRIFTED, "LiftgateRollbackFailed", BYPASSED, "LiftgateCannotSeeArgoCD",
        UNUSABLE, UNPAUSED, "LiftgateDown",
    ]  # fmt: skip


def test_without_monitoring_there_is_no_rule() -> None:
    assert names() == []


@pytest.mark.parametrize(
    ("named", "rules"),
    [
        ("sync-status", ["LiftgateCannotSeeArgoCD"]),
        ("drift-detection", ["LiftgateCannotSeeArgoCD"]),
        ("apply-duration", []),
        ("error-rate", ["LiftgateRollbackFailed", BYPASSED]),
    ],
)
def test_each_metric_brings_its_own_rules_and_no_other(named: str, rules: list[str]) -> None:
    assert names(metrics=[named]) == [*rules, UNUSABLE, UNPAUSED, "LiftgateDown"]


@given(st.sets(st.sampled_from(METRICS)), st.sets(st.sampled_from(ALERTS)))
def test_what_an_alert_reads_is_exported_whether_it_is_named_or_not(metrics: set[str], alerts: set[str]) -> None:
    wanted = {name: {"threshold": "1", "window": "5m"} for name in alerts}
    monitoring = Monitoring.model_validate({"metrics": sorted(metrics), "alerts": wanted})
    assert exported(monitoring) == metrics | {READS[name] for name in alerts}


def test_every_rule_says_in_sentences_what_happened_and_where_the_runbook_has_it() -> None:
    monitoring = Monitoring.model_validate(SEED["monitoring"])
    for rule in alert_rules(monitoring, "https://example.com/runbook")["groups"][0]["rules"]:
        notes = rule["annotations"]
        assert notes["summary"].endswith(".")
        assert notes["description"].endswith(".")
        assert notes["runbook_url"] == f"https://example.com/runbook#{rule['alert'].lower()}"
        assert rule["labels"]["service"] == "liftgate"
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_a_failed_sync_fires_at_once_and_for_the_window(tmp_path: Path) -> None:
    series = {SYNC: held((0, START), (1, 900)), SYNC_AT: held((0, START), (START - 5, 900))}
    expected = after({-15: "", 0: FAILED, 285: FAILED, 315: "", 600: ""})
    fires(tmp_path, sync_failed(), (UP | series, expected))


def test_a_failure_before_the_first_scrape_fires_and_an_old_one_does_not(tmp_path: Path) -> None:
    """Both counts are born above 0, which is no rise: the time tells them apart."""
    old = SYNC_AT.replace('"a"', '"b"')
    series = {
        SYNC: held((None, START), (1, 900)), SYNC_AT: held((None, START), (START - 100, 900)),
        SYNC.replace('"a"', '"b"'): held((None, START), (7, 900)), old: held((None, START), (START - 1000, 900)),
    }  # fmt: skip
    fires(tmp_path, sync_failed(), (UP | series, after({-15: "", 0: FAILED, 195: FAILED, 210: "", 600: ""})))


def test_a_failure_that_is_learned_late_fires(tmp_path: Path) -> None:
    series = {SYNC: held((2, START), (3, 900)), SYNC_AT: held((60, START), (START - 1200, 900))}
    fires(tmp_path, sync_failed(), (UP | series, after({-15: "", 0: FAILED, 285: FAILED, 315: ""})))


def test_so_many_within_the_window_are_so_many(tmp_path: Path) -> None:
    """`increase()` makes three of two here: it guesses beyond the first and the last sample of a minute."""

    def case(failures: int, fired: str, apart: int) -> Case:
        steps = [(float(number), apart) for number in range(1, failures)]
        series = {SYNC: held((0, START), *steps, (failures, 900))}
        last = apart * (failures - 1)
        assert last <= 60
        return UP | series, after({last - 15: "", last: fired, last + 150: ""})

    cases = [case(failures, fired, apart) for failures, fired in ((2, ""), (3, FAILED)) for apart in (15, 30)]
    fires(tmp_path, sync_failed("3", "2m"), *cases)


def test_failures_that_are_far_apart_do_not_add_up(tmp_path: Path) -> None:
    series = {SYNC: held((0, START), (1, 200), (2, 200), (3, 900))}
    fires(tmp_path, sync_failed("3"), (UP | series, after({0: "", 400: "", 415: "", 500: ""})))


def test_a_count_that_begins_again_is_no_failure_and_what_it_counts_then_is(tmp_path: Path) -> None:
    slow = {SYNC: held((5, START), (0, 600), (1, 600), (2, 600))}
    quick = {SYNC: held((5, START), (0, 60), (1, 60), (2, 600))}
    none = after({0: "", 15: "", 300: "", 600: "", 1185: "", 1200: ""})
    expected = after({0: "", 60: "", 105: "", 120: FAILED, 600: ""})
    fires(tmp_path, sync_failed("2"), (UP | slow, none), (UP | quick, expected))


def test_a_server_at_another_address_goes_on_counting(tmp_path: Path) -> None:
    two = SYNC.replace('"one"', '"two"')
    series = {SYNC: held((0, START), (1, 60)) + " stale", two: held((None, START + 120), (2, 900))}
    fires(tmp_path, sync_failed("2"), (UP | series, after({0: "", 105: "", 120: FAILED, 285: FAILED, 330: ""})))


def test_drift_fires_when_the_window_is_over_and_it_is_still_there(tmp_path: Path) -> None:
    """Seen first at 0 and last at `lasts` less 15 seconds; what is gone is told as over at the next sample."""

    def case(lasts: int, fired: str) -> Case:
        series = {DRIFTING: held((0, START), (2, lasts), (0, 900))}
        return UP | series, after({0: "", 45: "", lasts - 15: fired, lasts: "", lasts + 60: ""})

    fires(tmp_path, drift(), *(case(lasts, "") for lasts in (15, 45, 60)), case(75, DRIFTED), case(600, DRIFTED))


def test_what_a_self_heal_mends_is_counted_and_does_not_fire(tmp_path: Path) -> None:
    series = {DRIFTING: held((0, START + 900)), DRIFTS: held((0, START), (1, 900))}
    fires(tmp_path, drift(), (UP | series, after(dict.fromkeys(range(0, 600, 30), ""))))


def test_a_scrape_that_fails_neither_starts_nor_ends_a_drift(tmp_path: Path) -> None:
    series = {DRIFTING: held((0, START), (2, 30), (None, 15), (2, 60), (None, 30), (2, 60), (0, 300))}
    fires(tmp_path, drift(), (UP | series, after({45: "", 60: DRIFTED, 120: DRIFTED, 180: DRIFTED, 195: ""})))


@pytest.mark.parametrize(("threshold", "expected"), [("1", {0: DRIFTED, 120: DRIFTED}), ("2", {0: "", 120: DRIFTED})])
def test_a_number_counts_changes_that_are_mended_too(tmp_path: Path, threshold: str, expected: Any) -> None:
    series = {DRIFTING: held((0, START + 900)), DRIFTS: held((4, START), (5, 120), (6, 900))}
    fires(tmp_path, drift(threshold, "5m"), (UP | series, after({-15: "", **expected, 600: ""})))


def test_a_failed_rollback_stands_until_the_environment_is_verified_again(tmp_path: Path) -> None:
    series = {
        ROLLBACK_AT: held((0, START), (START - 5, 2400)),
        VERIFIED_AT: held((60, START + 1800), (START + 1795, 600)),
    }
    failed = "LiftgateRollbackFailed"
    rules = written(metrics=["error-rate"])
    fires(tmp_path, rules, (UP | series, after({-15: "", 0: failed, 1200: failed, 1785: failed, 1800: ""})))


def test_a_bypassed_gate_is_alerted_for_an_hour_also_by_a_server_that_is_new(tmp_path: Path) -> None:
    series = {f"liftgate_last_bypassed_timestamp_seconds{{{WHERE}}}": held((0, START), (START - 5, 4500))}
    rules = written(metrics=["error-rate"])
    fires(tmp_path, rules, (UP | series, after({-15: "", 0: BYPASSED, 3540: BYPASSED, 3615: ""})))


def test_argo_cd_that_does_not_answer_is_told_after_two_minutes_and_a_restart_is_not(tmp_path: Path) -> None:
    blind = "LiftgateCannotSeeArgoCD"
    seen = f"0+15x{START // 15 - 1} {held((START, 300))} {START + 300}+15x60"
    restarted = f"0+15x{START // 15 - 1} {held((0, 45))} {START + 45}+15x60"
    fires(
        tmp_path,
        written(metrics=["sync-status"]),
        (UP | {LOOKED: seen}, after({0: "", 105: "", 135: blind, 285: blind, 300: ""})),
        (UP | {LOOKED: restarted}, after(dict.fromkeys(range(0, 600, 15), ""))),
    )


def test_a_server_that_is_not_read_is_told_after_five_minutes(tmp_path: Path) -> None:
    series = {"liftgate_build_info": held((1, START)) + " stale " + held((None, 600), (1, 60))}
    expected = after({0: "", 285: "", 300: "LiftgateDown", 600: "LiftgateDown", 615: ""})
    fires(tmp_path, written(metrics=["apply-duration"]), (series, expected))


def test_a_pause_that_lost_its_branch_fires_until_it_is_lifted(tmp_path: Path) -> None:
    """A second server, which has not fetched yet, knows of none."""
    gone = 'liftgate_pauses_without_branch{instance="one"}'
    series = {gone: held((0, START), (1, 600), (0, 900)), gone.replace("one", "two"): held((0, 2 * START))}
    expected = after({-15: "", 0: UNPAUSED, 585: UNPAUSED, 600: "", 900: ""})
    fires(tmp_path, written(metrics=["apply-duration"]), (UP | series, expected))


def test_a_configuration_that_cannot_be_used_fires_after_a_minute_until_all_servers_can_use_it(tmp_path: Path) -> None:
    """A second server, which fetches later, knows it later."""
    broken = 'liftgate_configuration_usable{instance="one"}'
    later = held((1, START + 30), (0, 585), (1, 900))
    series = {broken: held((1, START), (0, 600), (1, 900)), broken.replace("one", "two"): later}
    expected = after({0: "", 45: "", 60: UNUSABLE, 585: UNUSABLE, 615: "", 900: ""})
    blip = {broken: held((1, START), (0, 30), (1, 900))}
    for each, fired in ((series, expected), (blip, after(dict.fromkeys(range(0, 300, 15), "")))):
        fires(tmp_path, written(metrics=["apply-duration"]), (UP | each, fired))
