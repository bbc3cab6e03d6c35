"""What Git no longer names: deleted at once, kept, or deleted last of all, after the rest of the sync is healthy."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_tests.argocd.lab import AUTOMATED, Lab, phase
from sandbox_tests.argocd.repository import GENERATOR, deployment, settings

PRUNED_LAST = GENERATOR | {"argocd.argoproj.io/sync-options": "PruneLast=true"}
KEPT = GENERATOR
PRUNED = {"argocd.argoproj.io/compare-options": "IgnoreExtraneous"}


def config_maps(lab: Lab) -> list[str]:
    with lab.argocd.state.lock:
        found = list(lab.argocd.cluster.objects.all("ConfigMap"))
    return [one["metadata"]["name"] for one in found]


def started(lab: Lab, annotations: Any) -> None:
    lab.config.environment("kept", options={"annotations": annotations})
    lab.config.commit()
    lab.create("kept", "configs/kept", syncPolicy=AUTOMATED).raise_for_status()
    lab.settled("kept")


def changed(lab: Lab, version: str) -> None:
    lab.config.values("kept", settings("kept", version))
    lab.config.commit()
    lab.refresh("kept")


@pytest.mark.parametrize(("annotations", "kept"), [(PRUNED_LAST, 1), (KEPT, 3), (PRUNED, 1)])
def test_a_generated_config_map_of_earlier_values_goes_or_stays(lab: Lab, annotations: Any, kept: int) -> None:
    started(lab, annotations)
    for version in ("1.1.0", "1.2.0"):
        changed(lab, version)
        lab.settled("kept")
    assert len(config_maps(lab)) == kept


def test_pruned_last_it_stays_as_long_as_the_new_pods_are_not_ready(lab: Lab) -> None:
    started(lab, PRUNED_LAST)
    [before] = config_maps(lab)
    crashing = deployment(deadline=600)
    crashing["spec"]["template"]["spec"]["containers"][0]["command"] = ["false"]
    lab.config.write("base/deployment.yaml", crashing)
    changed(lab, "1.1.0")
    app = lab.wait("kept", lambda app: "waiting for healthy state" in str(app["status"].get("operationState")))
    assert phase(app) == "Running"
    assert before in config_maps(lab)
    assert app["status"]["sync"]["status"] == "Synced"
