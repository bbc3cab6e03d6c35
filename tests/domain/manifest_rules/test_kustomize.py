"""What becomes of generated ConfigMaps, and of values nobody names."""

from __future__ import annotations

import pytest

from tests.domain.manifest_cases import ANNOTATED, application, found, seen, the


@pytest.mark.parametrize(
    ("written", "blocking"),
    [
        ("configMapGenerator: [{name: a, files: [values.json]}]\n", False),
        (ANNOTATED.replace("PruneLast=true", "Prune=false"), False),
        (ANNOTATED.replace("IgnoreExtraneous", "Other").replace("PruneLast=true", "Prune=false"), True),
    ],
)
def test_what_a_generated_configmap_leaves_behind_is_said(written: str, blocking: bool) -> None:
    finding = the("leftovers", application(), seen(configs__dev__kustomization_yaml=written))
    assert finding.place == "configs/dev/kustomization.yaml:1:22"
    assert finding.blocking is blocking


def test_pruned_last_leaves_nothing_and_takes_nothing_away_too_early() -> None:
    assert found(application(), seen(configs__dev__kustomization_yaml=ANNOTATED)) == []
    plain = "configMapGenerator: [{name: a, files: [values.json]}]\n"
    text = application(syncPolicy={"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["PruneLast=true"]})
    assert found(text, seen(configs__dev__kustomization_yaml=plain)) == []


def test_without_prune_leftovers_keep_the_application_out_of_sync() -> None:
    written = "configMapGenerator: [{name: a, files: [values.json]}]\n"
    text = application(syncPolicy={"automated": {"selfHeal": True}})
    rules = {f.rule: f.blocking for f in found(text, seen(configs__dev__kustomization_yaml=written))}
    assert rules == {"auto-sync": False, "leftovers": True}


def test_a_name_without_a_suffix_leaves_nothing() -> None:
    written = "configMapGenerator: [{name: a, files: [values.json], options: {disableNameSuffixHash: true}}]\n"
    assert found(application(), seen(configs__dev__kustomization_yaml=written)) == []


def test_a_kustomization_that_does_not_name_the_values_is_told() -> None:
    finding = the("unused-values", application(), seen(configs__dev__kustomization_yaml="resources: []\n"))
    assert "a promotion changes nothing" in finding.message
