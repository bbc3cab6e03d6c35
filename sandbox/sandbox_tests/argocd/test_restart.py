"""A new Argo CD on the same folder goes on where the old one stopped."""

from __future__ import annotations

from sandbox_tests.argocd.lab import Lab, phase
from sandbox_tests.argocd.repository import config_map, job, settings


def test_applications_live_objects_and_history_are_still_there(automatic: Lab) -> None:
    before = automatic.get("dev").json()
    automatic.restart()
    after = automatic.refresh("dev")
    assert after["status"]["history"] == before["status"]["history"]
    assert after["status"]["resources"] == before["status"]["resources"]
    automatic.config.values("dev", settings("dev", "1.1.0"))
    sha = automatic.config.commit()
    automatic.refresh("dev")
    automatic.settled("dev", sha)


def test_an_operation_under_way_is_finished(lab: Lab) -> None:
    lab.config.write("configs/hook/all.yaml", [config_map("after"), job("migrate", "PreSync", ["sleep", "0.5"])])
    lab.config.commit()
    lab.create("hook", "configs/hook")
    lab.refresh("hook")
    lab.sync("hook")
    lab.wait("hook", lambda app: phase(app) == "Running")
    lab.restart()
    app = lab.settled("hook")
    lines = app["status"]["operationState"]["syncResult"]["resources"]
    assert {line["name"]: line["hookPhase"] for line in lines} == {"migrate": "Succeeded", "after": "Running"}
