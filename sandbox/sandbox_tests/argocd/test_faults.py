"""Bad days: each fault does what a real installation does, and ends when it is deleted."""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.argocd.faults import Faults

from sandbox_tests.argocd.lab import Lab, phase
from sandbox_tests.argocd.repository import settings


def hurried(lab: Lab) -> httpx.Client:
    client = lab.client(lab.argocd.token("promo", "promoter"))
    client.timeout = 0.3
    return client


def test_a_dropped_refresh_hangs_until_the_other_kind_is_asked_for(automatic: Lab) -> None:
    automatic.fault("drop-refresh", times=1)
    client, path = hurried(automatic), automatic.path("dev")
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            client.get(path, params={"project": "promo", "refresh": "normal"})
    notes = automatic.get("dev").json()["metadata"]["annotations"]
    assert notes["argocd.argoproj.io/refresh"] == "normal"
    app = automatic.refresh("dev", "hard")
    assert "argocd.argoproj.io/refresh" not in app["metadata"]["annotations"]
    automatic.refresh("dev")


def test_some_calls_get_503(automatic: Lab) -> None:
    automatic.fault("status-503", times=2)
    answers = [automatic.get("dev") for _ in range(3)]
    assert [one.status_code for one in answers] == [503, 503, 200]
    assert answers[0].json()["code"] == 14


def test_a_stream_is_cut_after_an_event_and_can_be_opened_again(automatic: Lab) -> None:
    automatic.fault("stream-cut", times=1)
    for _ in range(2):
        with automatic.user.stream("GET", "/api/v1/stream/applications", params={"name": "dev"}) as answer:
            lines = answer.iter_lines()
            next(lines)
            if not automatic.argocd.faults.all():
                break
            assert list(lines) == []


def test_without_its_controller_nothing_happens_until_it_is_back(automatic: Lab) -> None:
    automatic.fault("controller-down", application="dev")
    answer = automatic.sync("dev")
    assert answer.status_code == 200
    with pytest.raises(httpx.ReadTimeout):
        hurried(automatic).get(automatic.path("dev"), params={"project": "promo", "refresh": "normal"})
    app = automatic.get("dev").json()
    assert ("operation" in app, "operationState" in app["status"]) == (True, False)
    automatic.no_faults()
    automatic.wait("dev", lambda app: phase(app) == "Succeeded")


def test_a_lost_answer_was_acted_on(manual: Lab) -> None:
    manual.fault("lost-answer", times=1)
    infos = [{"name": "promotion-id", "value": "lost"}]
    with pytest.raises(httpx.RemoteProtocolError):
        manual.sync("prod", infos=infos)
    app = manual.settled("prod")
    assert app["status"]["operationState"]["operation"]["info"] == infos


def test_when_git_is_away_the_status_is_unknown_and_the_health_stays(automatic: Lab) -> None:
    automatic.fault("git-unavailable", times=1)
    app = automatic.refresh("dev")
    assert (app["status"]["sync"]["status"], app["status"]["sync"]["revision"]) == ("Unknown", "main")
    assert app["status"]["health"]["status"] == "Healthy"
    assert "status code: 503" in app["status"]["conditions"][0]["message"]
    assert automatic.refresh("dev")["status"]["sync"]["status"] == "Synced"


def test_a_sync_that_fails_says_why(manual: Lab) -> None:
    manual.fault("sync-fails", times=1, message="quota exceeded")
    manual.sync("prod")
    app = manual.wait("prod", lambda app: phase(app) == "Failed")
    assert app["status"]["operationState"]["message"].endswith("reason: quota exceeded")


def test_a_slow_server_still_answers(automatic: Lab) -> None:
    automatic.fault("slow", times=1, seconds=0.2)
    before = time.monotonic()
    assert automatic.get("dev").status_code == 200
    assert time.monotonic() - before >= 0.2


@pytest.mark.parametrize("lab", [None, replace(Timings.fast(), sync=1.0)], indirect=True, ids=["quick", "slow sync"])
def test_with_a_late_cache_argocd_heals_what_is_right_already(automatic: Lab) -> None:
    """As in recordings 187 and 269; also where the cluster is looked at before the sync ends."""
    automatic.settled("dev")
    automatic.fault("late-cache", times=1)
    automatic.config.values("dev", settings("dev", "2.0.0"))
    sha = automatic.config.commit()
    automatic.refresh("dev")
    automatic.wait("dev", lambda app: "autoHealAttemptsCount" in str(app["status"].get("operationState")))
    state = automatic.settled("dev", sha)["status"]["operationState"]
    applied = [line["message"] for line in state["syncResult"]["resources"] if line["status"] == "Synced"]
    assert applied
    assert all(message.endswith(" unchanged") for message in applied)
    assert state["operation"]["sync"]["revision"] == sha


def test_a_fault_with_a_chance_strikes_now_and_then_and_always_at_the_same_times() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults()
        faults.add({"fault": "late-cache", "chance": 0.3, "seed": seed})
        return [faults.take("late-cache") is not None for _ in range(200)]

    assert struck(7) == struck(7) != struck(8)
    assert 30 < sum(struck(7)) < 90


def test_faults_can_be_listed_and_unknown_ones_are_refused(lab: Lab) -> None:
    lab.fault("slow", times=3)
    assert lab.admin.get("/sandbox/faults").json() == {"faults": [{"fault": "slow", "times": 3}]}
    lab.no_faults()
    answer = lab.admin.post("/sandbox/faults", json={"fault": "earthquake"})
    assert answer.status_code == 400
    assert "one of drop-refresh" in answer.json()["message"]
