"""The rules say what `monitoring.alerts` says: the threshold, the window, and nothing nobody asked for."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.alert_rules import alert_rules
from liftgate.domain.pipeline import Monitoring
from tests.examples import SEED


def rules(**monitoring: Any) -> dict[str, Any]:
    groups = alert_rules(Monitoring.model_validate(monitoring))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_the_seed_has_an_alert_for_each_of_its_own_and_for_what_blinds_them() -> None:
    assert list(rules(**SEED["monitoring"])) == [
        "LiftgateSyncFailed", "LiftgateDriftDetected", "LiftgateRollbackFailed", "LiftgateCannotSeeArgoCD",
        "LiftgateDown",
    ]  # fmt: skip


def test_without_monitoring_there_is_no_rule() -> None:
    assert rules() == {}


@pytest.mark.parametrize("name", ["sync-failed", "drift-detected"])
def test_several_within_a_window_are_counted_and_one_is_not_enough(name: str) -> None:
    (rule,) = rules(alerts={name: {"threshold": "3", "window": "1h"}}).values()
    assert rule["expr"].endswith("[1h])) >= 3")
    assert " or " not in rule["expr"]


def test_one_is_seen_even_where_its_count_was_born_with_it() -> None:
    (rule,) = rules(alerts={"sync-failed": {"threshold": "1", "window": "5m"}}).values()
    assert rule["expr"].endswith(
        'max by (application, environment) (liftgate_last_error_timestamp_seconds{kind="sync"}) < 300'
    )
