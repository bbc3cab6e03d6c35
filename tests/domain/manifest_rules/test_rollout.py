"""A Deployment that lets a bad rollout go on for ten minutes is named, wherever it is written."""

from __future__ import annotations

import pytest

from liftgate.scaffold import templates
from tests.domain.manifest_cases import ANNOTATED, application, found, seen, the

PLAIN = "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n"
IN_BASE = ANNOTATED + "resources: [../../base]\n"
BASE = "resources: [deployment.yaml]\n"


def test_a_deployment_without_a_progress_deadline_is_named_once_for_all_environments() -> None:
    repository = seen(
        configs__dev__kustomization_yaml=IN_BASE, base__kustomization_yaml=BASE, base__deployment_yaml=PLAIN
    )
    finding = the("progress-deadline", application(), repository)
    assert (finding.place, finding.blocking) == ("base/deployment.yaml:3:1", False)
    assert "only after 600 s" in finding.message


@pytest.mark.parametrize(("seconds", "told"), [(120, False), (299, False), (300, True), (600, True)])
def test_one_that_is_longer_than_a_sync_may_take_is_no_help(seconds: int, told: bool) -> None:
    written = PLAIN + f"  progressDeadlineSeconds: {seconds}\n"
    repository = seen(
        configs__dev__kustomization_yaml=ANNOTATED + "resources: [web.yaml]\n", configs__dev__web_yaml=written
    )
    assert [one.place for one in found(application(), repository)] == (["configs/dev/web.yaml:5:3"] if told else [])


def test_a_patch_may_set_it() -> None:
    patched = IN_BASE + "patches: [{path: limit.yaml}]\n"
    repository = seen(
        configs__dev__kustomization_yaml=patched, base__kustomization_yaml=BASE, base__deployment_yaml=PLAIN,
        configs__dev__limit_yaml="spec: {progressDeadlineSeconds: 60}\n",
    )  # fmt: skip
    assert found(application(), repository) == []


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("", "chart/templates/web.yaml:2:1"),
        ("  progressDeadlineSeconds: 900\n", "chart/templates/web.yaml:4:1"),
        ("  progressDeadlineSeconds: 60\n", ""),
        ("  progressDeadlineSeconds: {{ .Values.limit }}\n", ""),
    ],
)
def test_a_charts_template_is_looked_at_as_well(line: str, place: str) -> None:
    text = "{{ if .Values.web }}\nkind: Deployment\nspec:\n" + line + "{{ end }}\n"
    findings = found(application(chart="chart"), seen(chart__templates__web_yaml=text))
    assert [one.place for one in findings if one.rule == "progress-deadline"] == ([place] if place else [])


@pytest.mark.parametrize("name", ["deployment.yaml", "chart-deployment.yaml"])
def test_what_init_writes_has_it(name: str) -> None:
    assert "\n  progressDeadlineSeconds: 120\n" in templates()[name]
