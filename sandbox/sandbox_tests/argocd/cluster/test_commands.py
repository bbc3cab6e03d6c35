"""What runs in pods: containers that crash are started again, and Jobs whose settings are wrong fail."""

from __future__ import annotations

from typing import Any

from sandbox_tests.argocd.lab import Lab, phase
from sandbox_tests.argocd.repository import config_map, deployment, job


def restarts(lab: Lab) -> int:
    nodes = lab.get("crash", "/resource-tree").json().get("nodes") or []
    told = [each["value"] for node in nodes for each in node.get("info") or [] if each["name"] == "Restart Count"]
    return int(told[0]) if told else 0


def test_a_container_that_ends_is_started_again_and_its_pod_is_degraded(lab: Lab) -> None:
    crashing = deployment(deadline=1)
    crashing["spec"]["template"]["spec"]["containers"][0]["command"] = ["false"]
    lab.config.write("crash/all.yaml", [config_map("environment-config"), crashing])
    lab.config.commit()
    lab.create("crash", "crash", syncPolicy={"automated": {}}).raise_for_status()
    lab.until(lambda: restarts(lab) >= 2)
    [pod] = [one for one in lab.get("crash", "/resource-tree").json()["nodes"] if one["kind"] == "Pod"]
    assert pod["health"]["status"] == "Degraded"
    assert pod["info"][0] == {"name": "Status Reason", "value": "CrashLoopBackOff"}


def test_a_test_job_that_mounts_wrong_settings_fails_the_operation(lab: Lab) -> None:
    def push(version: str) -> None:
        test: Any = job("test", "PostSync", ["run"])
        test["spec"]["template"]["spec"]["volumes"] = [{"name": "c", "configMap": {"name": "settings"}}]
        values = f'{{"application": {{"version": "{version}"}}}}'
        lab.config.write("tested/all.yaml", [config_map("settings", {"values.json": values}), test])
        lab.config.commit()

    push("1.4.0")
    lab.create("tested", "tested").raise_for_status()
    lab.sync("tested")
    lab.settled("tested")
    push("1.5.0")
    lab.refresh("tested")
    lab.sync("tested")
    app = lab.wait("tested", lambda app: phase(app) == "Failed")
    [line] = [one for one in app["status"]["operationState"]["syncResult"]["resources"] if "hookType" in one]
    assert (line["hookPhase"], line["message"]) == ("Failed", "Job has reached the specified backoff limit")
