"""From a push to a healthy application: automatic and manual, failing, retried, terminated, rolled back."""

from __future__ import annotations

from sandbox_tests.argocd.lab import AUTOMATED, Lab, phase
from sandbox_tests.argocd.repository import config_map, deployment, job, settings


def test_auto_sync_brings_a_pushed_commit_and_a_refresh_reports_it(automatic: Lab) -> None:
    automatic.config.values("dev", settings("dev", "1.1.0"))
    sha = automatic.config.commit()
    assert automatic.refresh("dev")["status"]["sync"]["revision"] == sha
    app = automatic.settled("dev", sha)
    assert app["status"]["operationState"]["syncResult"]["revision"] == sha
    assert [entry["id"] for entry in app["status"]["history"]] == [0, 1]
    assert app["status"]["history"][-1]["initiatedBy"] == {"automated": True}


def test_an_automatic_operation_is_there_when_the_refresh_returns(automatic: Lab) -> None:
    automatic.config.values("dev", settings("dev", "1.1.0"))
    sha = automatic.config.commit()
    app = automatic.refresh("dev")
    state = app["status"].get("operationState", {})
    assert app.get("operation", {}).get("sync", {}).get("revision") == sha or state["syncResult"]["revision"] == sha


def test_a_manual_sync_carries_its_infos_to_the_result(manual: Lab) -> None:
    sha = manual.config.git("rev-parse", "HEAD")
    infos = [{"name": "promotion-id", "value": "p-1"}]
    answer = manual.sync("prod", revision=sha, infos=infos)
    assert answer.json()["operation"]["info"] == infos
    assert "operationState" not in answer.json()["status"]
    app = manual.settled("prod", sha)
    assert app["status"]["operationState"]["operation"]["info"] == infos


def test_the_history_keeps_the_last_ten_syncs(manual: Lab) -> None:
    for _ in range(12):
        manual.sync("prod").raise_for_status()
        manual.wait("prod", lambda app: phase(app) == "Succeeded")
    history = manual.get("prod").json()["status"]["history"]
    assert [entry["id"] for entry in history] == list(range(2, 12))


def test_a_commit_that_changes_nothing_here_needs_no_operation(automatic: Lab) -> None:
    automatic.config.values("prod", settings("prod", "9.0.0"))
    sha = automatic.config.commit()
    app = automatic.refresh("dev")
    assert app["status"]["sync"] | {"comparedTo": None} == {
        "status": "Synced",
        "revision": sha,
        "comparedTo": None,
    }
    assert len(app["status"]["history"]) == 1


def test_a_failing_automatic_sync_is_retried_and_blocks_the_fix_until_it_is_terminated(lab: Lab) -> None:
    lab.config.write("configs/auto/config.yaml", config_map("auto-a", {"number": 1}))
    bad = lab.config.commit()
    lab.create("auto", "configs/auto", syncPolicy=AUTOMATED)
    waiting = lab.wait("auto", lambda app: app["status"].get("operationState", {}).get("retryCount") == 1)
    assert (phase(waiting), waiting["operation"]["sync"]["revision"]) == ("Running", bad)
    assert "finishedAt" in waiting["status"]["operationState"]
    lab.config.write("configs/auto/config.yaml", config_map("auto-a", {"number": "1"}))
    fixed = lab.config.commit()
    blocked = lab.refresh("auto")
    assert blocked["status"]["sync"]["revision"] == fixed
    assert blocked["operation"]["sync"]["revision"] == bad
    assert lab.terminate("auto").status_code == 200
    assert lab.settled("auto", fixed)["status"]["history"][-1]["revision"] == fixed


def test_a_failed_revision_is_not_tried_again(lab: Lab) -> None:
    lab.config.write("configs/auto/config.yaml", config_map("auto-a", {"number": 1}))
    bad = lab.config.commit()
    retry = {"limit": 1, "backoff": {"duration": "10ms", "factor": 1}}
    lab.create("auto", "configs/auto", syncPolicy=AUTOMATED | {"retry": retry})
    lab.wait("auto", lambda app: phase(app) == "Failed")
    app = lab.refresh("auto")
    assert "operation" not in app
    [condition] = app["status"]["conditions"]
    assert condition["type"] == "SyncError"
    assert condition["message"].startswith(f"Failed last sync attempt to [{bad}]: one or more objects failed")
    assert condition["message"].endswith("(retried 1 times).")


def test_a_revert_after_a_sync_that_changed_nothing_needs_no_operation(automatic: Lab) -> None:
    automatic.fault("sync-fails", times=1)
    automatic.config.values("dev", settings("dev", "2.0.0"))
    policy = AUTOMATED | {"retry": {"limit": 0}}
    automatic.create("dev", "configs/dev", syncPolicy=policy, query={"upsert": "true"}).raise_for_status()
    automatic.config.commit()
    automatic.refresh("dev")
    automatic.wait("dev", lambda app: phase(app) == "Failed")
    good = automatic.config.revert()
    automatic.refresh("dev")
    app = automatic.settled("dev", good)
    assert phase(app) == "Failed"


def test_a_rejected_object_does_not_stop_the_others(lab: Lab) -> None:
    bad = deployment(name="bad", labels={"app": "other"})
    lab.config.write("configs/bad/all.yaml", [config_map("good"), bad])
    lab.config.commit()
    lab.create("bad", "configs/bad")
    lab.refresh("bad")
    lab.sync("bad")
    app = lab.wait("bad", lambda app: phase(app) == "Failed")
    lines = {line["name"]: line["status"] for line in app["status"]["operationState"]["syncResult"]["resources"]}
    assert lines == {"good": "Synced", "bad": "SyncFailed"}
    assert "selector` does not match template `labels`" in app["status"]["operationState"]["message"]


def test_terminating_a_running_hook_fails_it_and_takes_it_away(lab: Lab) -> None:
    lab.config.write("configs/hook/all.yaml", [config_map("after"), job("migrate", "PreSync", ["sleep", "60"])])
    lab.config.commit()
    lab.create("hook", "configs/hook")
    lab.refresh("hook")
    lab.sync("hook")
    running = lab.wait(
        "hook", lambda app: app["status"].get("operationState", {}).get("message", "").startswith("waiting")
    )
    assert running["status"]["operationState"]["message"] == "waiting for completion of hook batch/Job/migrate"
    lab.terminate("hook")
    app = lab.wait("hook", lambda app: phase(app) == "Failed")
    assert app["status"]["operationState"]["message"] == "Operation terminated"
    [line] = app["status"]["operationState"]["syncResult"]["resources"]
    assert (line["hookPhase"], line["message"]) == ("Failed", "Terminated")
    assert lab.terminate("hook").status_code == 400


def test_a_failing_test_after_the_sync_fails_the_operation_of_a_healthy_application(lab: Lab) -> None:
    test = job("integration-test", "PostSync", ["sh", "-c", "sleep 0.01; exit 1"])
    lab.config.write("configs/tested/all.yaml", [config_map("settings"), test])
    lab.config.commit()
    lab.create("tested", "configs/tested")
    lab.refresh("tested")
    lab.sync("tested")
    lab.wait("tested", lambda app: phase(app) == "Failed")
    app = lab.refresh("tested")
    assert (app["status"]["sync"]["status"], app["status"]["health"]["status"]) == ("Synced", "Healthy")
    assert "history" not in app["status"]


def test_waves_are_applied_in_order_and_wait_for_health(lab: Lab) -> None:
    wave = "argocd.argoproj.io/sync-wave"
    lab.config.write("configs/waves/all.yaml", [config_map("last", None, **{wave: "2"}), config_map("first")])
    lab.config.commit()
    lab.create("waves", "configs/waves")
    lab.refresh("waves")
    lab.sync("waves")
    app = lab.settled("waves")
    lines = app["status"]["operationState"]["syncResult"]["resources"]
    assert [(line["name"], line["hookPhase"]) for line in lines] == [
        ("first", "Succeeded"),
        ("last", "Running"),
    ]


def test_without_prune_leftovers_are_only_reported(lab: Lab) -> None:
    lab.config.write("configs/two/all.yaml", [config_map("a"), config_map("b")])
    lab.config.commit()
    lab.create("two", "configs/two")
    lab.refresh("two")
    lab.sync("two")
    lab.settled("two")
    lab.config.write("configs/two/all.yaml", [config_map("a")])
    lab.config.commit()
    lab.sync("two")
    app = lab.done("two")
    assert app["status"]["sync"]["status"] == "OutOfSync"
    assert [one["name"] for one in app["status"]["resources"] if one.get("requiresPruning")] == ["b"]
    lab.sync("two", prune=True)
    assert [one["name"] for one in lab.settled("two")["status"]["resources"]] == ["a"]


def test_a_rollback_by_the_api_leaves_the_application_out_of_sync(manual: Lab) -> None:
    first = manual.config.git("rev-parse", "HEAD")
    manual.sync("prod")
    manual.settled("prod")
    manual.config.values("prod", settings("prod", "1.1.0"))
    second = manual.config.commit()
    manual.sync("prod")
    manual.settled("prod", second)
    answer = manual.user.post(manual.path("prod", "/rollback"), json={"project": "promo", "id": 0})
    assert answer.json()["operation"]["sync"]["syncStrategy"] == {"apply": {}}
    app = manual.done("prod")
    assert app["status"]["operationState"]["syncResult"]["revision"] == first
    assert app["status"]["sync"] | {"comparedTo": None} == {
        "status": "OutOfSync",
        "revision": second,
        "comparedTo": None,
    }
