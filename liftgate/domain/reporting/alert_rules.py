"""Alerting rules for Prometheus from `monitoring` of liftgate.json, over the Liftgate server's own metrics.

A count over a window is its last value minus its lowest: `increase()` extrapolates, so that two events can look like
three. It is taken over all Liftgate servers together, so that a Liftgate server at a new address continues the count
of the old one. A count that Prometheus first reads at 1 has not risen, so a single failure is also found by its time.
A single missing scrape changes nothing: the last value stays valid for two minutes.
"""

from __future__ import annotations

from typing import Any, Final

from liftgate.domain.config.pipeline import Alert, Monitoring

Rule = dict[str, Any]
RUNBOOK: Final = "docs/runbook.md"
_WHERE: Final = "{{ $labels.application }} in {{ $labels.environment }}"
_BY: Final = "by (application, environment)"
_HOUR: Final = 3600
"""Seconds for which a bypassed gate is alerted."""
_STANDS: Final = "2m"
"""How long the last value stays valid without a newer one."""


def alert_rules(monitoring: Monitoring, runbook: str = RUNBOOK) -> Rule:
    """The document of a rule file, ready for `promtool check rules`; `runbook` is the address of that page."""
    rules: list[Rule] = []
    if failed := monitoring.alerts.get("sync-failed"):
        rules.append(_sync_failed(failed))
    if monitoring.drift:
        rules.append(_drift(monitoring.drift))
    if "error-rate" in monitoring.metrics:
        rules += [_rollback_failed(), _bypassed()]
    if monitoring.looks_at_argocd:
        rules.append(_cannot_see_argocd())
    if monitoring.metrics or monitoring.alerts:
        rules += [_configuration_unusable(), _pause_without_branch(), _down()]
    for rule in rules:
        rule["annotations"]["runbook_url"] = f"{runbook}#{rule['alert'].lower()}"
    return {"groups": [{"name": "liftgate", "rules": rules}] if rules else []}


def _sync_failed(alert: Alert) -> Rule:
    counted = _rise('liftgate_errors_total{kind="sync"}', alert)
    seconds = int(alert.span.total_seconds())
    newest = _last('liftgate_last_error_timestamp_seconds{kind="sync"}')
    either = f"{counted} or time() - {newest} < {seconds}"
    return _rule(
        "LiftgateSyncFailed", either if alert.count == 1 else counted, "warning",
        f"Argo CD did not sync {_WHERE}.",
        "The promotion's page says why, and whether the commit was reverted.",
    )  # fmt: skip


def _drift(alert: Alert) -> Rule:
    """`any`: drift that lasts for the whole window. A number: this many changes within it, undone ones too."""
    lasting = alert.threshold == "any"
    return _rule(
        "LiftgateDriftDetected",
        f"{_last('liftgate_drift_resources')} > 0" if lasting else _rise("liftgate_drifts_total", alert),
        "warning",
        f"The cluster was changed outside Git: {_WHERE}.",
        "The board names the objects. Sync the Argo CD Application to undo the change, "
        "or bring it into Git with `liftgate update`.",
        lasts=alert.window if lasting else "",
    )


def _rollback_failed() -> Rule:
    """Fires until the environment is verified again."""
    failed = _last('liftgate_last_error_timestamp_seconds{kind="rollback"}')
    verified = _last("liftgate_last_verified_timestamp_seconds")
    return _rule(
        "LiftgateRollbackFailed", f"{failed} > {verified}", "critical",
        f"The rollback of {_WHERE} failed.",
        "The environment may run bad values. The promotion's page has the commands that repair it.",
    )  # fmt: skip


def _bypassed() -> Rule:
    """For an hour after each one, also where Prometheus first reads the count at 1."""
    newest = _last("liftgate_last_bypassed_timestamp_seconds")
    return _rule(
        "LiftgateBypassed", f"{newest} > 0 and time() - {newest} < {_HOUR}", "warning",
        f"A change by hand came past the gates of {_WHERE}.",
        "It was synced and verified. `liftgate history` says who made it and which gates were not open.",
    )  # fmt: skip


def _cannot_see_argocd() -> Rule:
    """A minute without an answer, and another one for a Liftgate server that has just started."""
    seen = f"max(last_over_time(liftgate_last_look_timestamp_seconds[{_STANDS}]))"
    return _rule(
        "LiftgateCannotSeeArgoCD", f"time() - {seen} > 60", "warning",
        "Argo CD has not answered Liftgate for two minutes.",
        "Sync status and drift are as old as the last answer.", lasts="1m",
    )  # fmt: skip


def _pause_without_branch() -> Rule:
    """Of all Liftgate servers the one that knows most: one that has not fetched yet knows no pause."""
    return _rule(
        "LiftgatePauseWithoutBranch", f"max(last_over_time(liftgate_pauses_without_branch[{_STANDS}])) > 0", "warning",
        "The branch of a pause was deleted without a signed statement.",
        "The pause stays in force. A person with push rights tried to lift it, or deleted the branch by mistake.",
    )  # fmt: skip


def _configuration_unusable() -> Rule:
    """By any Liftgate server; for a minute, so that one which fetches later than the others is no reason."""
    usable = f"min(last_over_time(liftgate_configuration_usable[{_STANDS}]))"
    return _rule(
        "LiftgateConfigurationUnusable", f"{usable} == 0", "warning",
        "liftgate.json on the main branch cannot be used.",
        "Only rollbacks begin until a person mends it. The board names the commit and the mistakes.", lasts="1m",
    )  # fmt: skip


def _down() -> Rule:
    return _rule(
        "LiftgateDown", "absent(liftgate_build_info)", "critical",
        "Prometheus reads no metrics of Liftgate.",
        "No other alert of Liftgate can fire. Check that the Liftgate server runs and that Prometheus reaches it.",
        lasts="5m",
    )  # fmt: skip


def _last(series: str) -> str:
    return f"max {_BY} (last_over_time({series}[{_STANDS}]))"


def _rise(series: str, alert: Alert) -> str:
    seconds = int(alert.span.total_seconds())
    every = max(1, min(15, seconds // 20), seconds // 240)
    counted = f"max {_BY} ({series})[{alert.window}:{every}s]"
    return f"last_over_time({counted}) - min_over_time({counted}) >= {alert.count}"


def _rule(name: str, expression: str, severity: str, summary: str, description: str, lasts: str = "") -> Rule:
    return {
        "alert": name,
        "expr": expression,
        **({"for": lasts} if lasts else {}),
        "labels": {"severity": severity, "service": "liftgate"},
        "annotations": {"summary": summary, "description": description},
    }
