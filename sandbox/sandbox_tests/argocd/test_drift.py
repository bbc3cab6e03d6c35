"""What happens when somebody changes the cluster by hand."""

from __future__ import annotations

import json
from typing import Any

from sandbox_tests.argocd.lab import AUTOMATED, Lab
from sandbox_tests.argocd.repository import GENERATOR, settings

_APP = {"group": "apps", "kind": "Deployment", "name": "app"}
_REPLICAS = {"spec": {"replicas": 2}}


def drift(lab: Lab, namespace: str, about: Any = _APP, **change: Any) -> None:
    lab.admin.post("/sandbox/drift", json=about | {"namespace": namespace} | change).raise_for_status()


def test_self_heal_puts_it_back_and_counts_the_attempt(automatic: Lab) -> None:
    drift(automatic, "dev", patch=_REPLICAS)
    automatic.wait(
        "dev",
        lambda app: "autoHealAttemptsCount" in json.dumps(app.get("status", {}).get("operationState", {})),
    )
    app = automatic.settled("dev")
    operation = app["status"]["operationState"]["operation"]
    assert operation["sync"]["autoHealAttemptsCount"] == 1
    assert operation["sync"]["resources"] == [_APP]
    [item] = automatic.get("dev", "/managed-resources", kind="Deployment").json()["items"]
    assert json.loads(item["liveState"])["spec"]["replicas"] == 1


def test_a_self_heal_names_leftovers_too(automatic: Lab) -> None:
    """In an environment whose old ConfigMaps stay."""
    automatic.config.environment("old", options={"annotations": GENERATOR})
    for version in ("1.0.0", "2.0.0"):
        automatic.config.values("old", settings("old", version))
        automatic.config.commit()
        automatic.create("old", "configs/old", syncPolicy=AUTOMATED, query={"upsert": "true"})
        automatic.refresh("old")
        automatic.settled("old")
    drift(automatic, "old", patch=_REPLICAS)
    automatic.wait("old", lambda app: "autoHealAttemptsCount" in str(app["status"].get("operationState")))
    chosen = automatic.settled("old")["status"]["operationState"]["operation"]["sync"]["resources"]
    assert sorted(one["kind"] for one in chosen) == ["ConfigMap", "Deployment"]


def test_without_self_heal_it_stays_out_of_sync_at_the_same_revision(manual: Lab) -> None:
    manual.sync("prod")
    before = manual.settled("prod")["status"]["sync"]["revision"]
    drift(manual, "prod", patch=_REPLICAS)
    app = manual.wait("prod", lambda app: app["status"]["sync"]["status"] == "OutOfSync")
    assert app["status"]["sync"]["revision"] == before
    [item] = manual.get("prod", "/managed-resources", kind="Deployment").json()["items"]
    assert item["modified"] is True
    live, wanted = (
        json.loads(item[name])["spec"]["replicas"] for name in ("normalizedLiveState", "predictedLiveState")
    )
    assert (live, wanted) == (2, 1)


def test_a_key_that_nobody_declared_is_not_seen(manual: Lab) -> None:
    manual.sync("prod")
    app = manual.settled("prod")
    [name] = [one["name"] for one in app["status"]["resources"] if one["kind"] == "ConfigMap"]
    drift(manual, "prod", {"kind": "ConfigMap", "name": name}, patch={"data": {"more": "1"}})
    assert manual.refresh("prod")["status"]["sync"]["status"] == "Synced"


def test_a_deleted_deployment_is_missing_but_the_application_stays_healthy(manual: Lab) -> None:
    manual.sync("prod")
    manual.settled("prod")
    drift(manual, "prod", delete=True)
    app = manual.wait("prod", lambda app: app["status"]["sync"]["status"] == "OutOfSync")
    health = {one["kind"]: one.get("health", {}).get("status") for one in app["status"]["resources"]}
    assert health["Deployment"] == "Missing"
    assert app["status"]["health"]["status"] == "Healthy"


def test_what_is_not_there_cannot_drift(lab: Lab) -> None:
    answer = lab.admin.post("/sandbox/drift", json=_APP | {"namespace": "dev"})
    assert (answer.status_code, answer.json()["message"]) == (404, "no live object Deployment dev/app")
