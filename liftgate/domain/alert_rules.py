"""Alerting rules for Prometheus from the `monitoring.alerts` of liftgate.json, over the gatehouse's own metrics.

Counts are compared as highest less lowest within the window, because `increase()` guesses at a window's edges. Both see
nothing where a count is born above 0, so single events have the time of the last one beside them.
"""

from __future__ import annotations

from typing import Any, Final

from liftgate.domain.pipeline import Alert, Monitoring

Rule = dict[str, Any]
_WHERE: Final = "{{ $labels.application }} in {{ $labels.environment }}"
_BY: Final = "by (application, environment)"
_LOOK_LATE: Final = 120
"""Seconds without an answer of Argo CD after which its metrics are stale."""


def alert_rules(monitoring: Monitoring) -> Rule:
    """The document of a rule file, ready for `promtool check rules`."""
    rules: list[Rule] = []
    if failed := monitoring.alerts.get("sync-failed"):
        rules.append(_sync_failed(failed))
    if monitoring.drift:
        rules.append(_drift(monitoring.drift))
    if "error-rate" in monitoring.metrics:
        rules.append(_rollback_failed())
    if "sync-status" in monitoring.metrics:
        rules.extend((_stale(), _absent()))
    return {"groups": [{"name": "liftgate", "rules": rules}]} if rules else {"groups": []}


def _sync_failed(alert: Alert) -> Rule:
    counted = _rise('liftgate_errors_total{kind="sync"}', alert)
    last = f'time() - max {_BY} (liftgate_last_error_timestamp_seconds{{kind="sync"}}) < {_seconds(alert)}'
    return _rule(
        "LiftgateSyncFailed", f"{counted} or {last}" if alert.count == 1 else counted, "warning",
        f"{_WHERE} was not synced", "The commit was taken back; the promotion's page says why it was not synced.",
    )  # fmt: skip


def _drift(alert: Alert) -> Rule:
    now = f"max {_BY} (max_over_time(liftgate_drift_resources[{alert.window}])) > 0"
    counted = _rise("liftgate_drifts_total", alert)
    return _rule(
        "LiftgateDriftDetected", f"{now} or {counted}" if alert.count == 1 else counted, "warning",
        f"{_WHERE} was changed in the cluster, not in Git",
        "Sync the Application in Argo CD, or bring the change through Git with `liftgate update`.",
    )  # fmt: skip


def _rollback_failed() -> Rule:
    last = f'max {_BY} (liftgate_last_error_timestamp_seconds{{kind="rollback"}})'
    return _rule(
        "LiftgateRollbackFailed", f"time() - {last} < 900", "critical",
        f"The rollback of {_WHERE} failed", "People must look now: the promotion's page says what to do.",
    )  # fmt: skip


def _stale() -> Rule:
    return _rule(
        "LiftgateCannotSeeArgoCD", f"time() - max(liftgate_last_look_timestamp_seconds) > {_LOOK_LATE}", "warning",
        "Argo CD does not answer the gatehouse", "Sync status and drift are as old as the last answer.",
    )  # fmt: skip


def _absent() -> Rule:
    return _rule(
        "LiftgateDown", "absent(liftgate_last_look_timestamp_seconds)", "critical",
        "Nothing is read from the gatehouse", "Look whether it runs, and whether Prometheus reaches it.", lasts="5m",
    )  # fmt: skip


def _rise(series: str, alert: Alert) -> str:
    window = f"{series}[{alert.window}]"
    return f"max {_BY} (max_over_time({window}) - min_over_time({window})) >= {alert.count}"


def _seconds(alert: Alert) -> int:
    return int(alert.span.total_seconds())


def _rule(name: str, expression: str, severity: str, summary: str, description: str, lasts: str = "") -> Rule:
    return {
        "alert": name,
        "expr": expression,
        **({"for": lasts} if lasts else {}),
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "description": description},
    }
