"""kill -9 at every boundary: the run goes on or is rolled back, one commit only, told once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from liftgate_sandbox.town import BOT_TOKEN, CHANNEL
from sandbox_tests.plain import eventually
from slack_sdk import WebClient

from liftgate.domain.promotion.message import PROMOTION_ID, REVERTS
from liftgate.runtime.supervisor import Supervisor
from liftgate.services.recovery import Recovery
from liftgate.wiring import Integrations
from tests.examples import text, values
from tests.flows.faults import fault, heal
from tests.lab import Lab, configured, settings_of
from tests.worker_program import LabWorker

pytestmark = pytest.mark.prefect

HEALS_WITHIN = 60.0
"""Seconds from the kill until the promotion must be over."""
PUSH = "git-receive-pack"


@contextmanager
def swept_by(lab: Lab) -> Iterator[None]:
    """The Liftgate server's sweep looks after the lab's pool."""
    at, stop = Integrations(settings_of(lab)), threading.Event()
    recovery = Recovery(at)
    threading.Thread(target=recovery.restarts.run, args=(stop,), daemon=True).start()
    thread = threading.Thread(target=recovery.run, args=(stop,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)


@pytest.fixture
def swept(lab: Lab) -> Iterator[Lab]:
    with swept_by(lab):
        yield lab


def stall(lab: Lab, server: str, **where: Any) -> None:
    """The server takes a minute for the next requests there."""
    fault(lab, server, "slow", **{"seconds": 60} | where)


def push_only_the_commit(lab: Lab) -> None:
    """Without the branch that a preview needs, the first push is the commit's."""
    stages = [{"name": "preview", "steps": [{"name": "generate-diff", "rendered": False}, "notify-reviewers"]}]
    lab.commit({"liftgate.json": text(configured(lab, pipeline={"stages": stages}))})


def kill(lab: Lab, run: str) -> None:
    """The flow's own process, without a chance to say anything."""
    lab.prefect.wait_for(run, "Running")
    process = int(str(lab.prefect.read(run)["infrastructure_pid"]).rpartition(":")[2])
    os.kill(process, signal.SIGKILL)


def is_doing(lab: Lab, run: str, task: str) -> bool:
    return any(t["name"] == task and t["state"]["name"] == "Running" for t in lab.tasks(run))


def kill_while(lab: Lab, run: str, task: str) -> None:
    assert eventually(lambda: is_doing(lab, run, task), within=60), [t["name"] for t in lab.tasks(run)]
    kill(lab, run)
    heal(lab)


def only_for_looking(lab: Lab) -> bool:
    return bool(lab.mirror("reader").git.run("ls-remote", "--heads", "origin", "liftgate/preview/*").out)


def healed(lab: Lab, run: str) -> Any:
    """The final state, which is not that of the kill."""
    deadline = time.monotonic() + HEALS_WITHIN
    while (state := lab.ended(run, HEALS_WITHIN))["type"] == "CRASHED":
        assert time.monotonic() < deadline, f"nobody looked after it: {state}"
        time.sleep(0.2)
    return state


def check_once(lab: Lab, run: str, outcome: str) -> None:
    """One commit, one entry, one message; and no line in the thread twice."""
    assert [c.trailer(PROMOTION_ID) for c in lab.commits()].count(run) == 1
    assert [e.outcome for e in lab.entries("dev") if e.promotion == run] == [outcome]
    client = WebClient(token=BOT_TOKEN, base_url=f"{lab.town.urls['slack']}/api/")
    messages = client.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"]
    ours = [m for m in messages if m.get("metadata", {}).get("event_payload", {}).get("promotion") == run]
    assert len(ours) == 1
    lines = [m["text"] for m in client.conversations_replies(channel=CHANNEL, ts=ours[0]["ts"])["messages"][1:]]
    assert len(lines) == len(set(lines)), lines


@pytest.mark.long
def test_before_the_commit(swept: Lab) -> None:
    push_only_the_commit(swept)
    stall(swept, "forge", path=PUSH)
    run = swept.start("promote", application="example-app", to="dev")
    kill_while(swept, run, "commit")
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")


@pytest.mark.long
def test_while_the_commit_is_rendered(swept: Lab) -> None:
    """The branch that is only for looking is on the remote then."""
    stall(swept, "forge", path=PUSH, seconds=10, times=1)
    run = swept.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_doing(swept, run, "rendered-diff"), within=60)
    stall(swept, "argocd", path="/manifests")
    assert eventually(lambda: only_for_looking(swept), within=60)
    kill_while(swept, run, "rendered-diff")
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")
    assert not only_for_looking(swept)


def test_after_the_push_with_the_answer_lost(swept: Lab) -> None:
    push_only_the_commit(swept)
    fault(swept, "forge", "lost-push-answer", times=1)
    run = swept.start("promote", application="example-app", to="dev")
    assert eventually(lambda: len(swept.commits()) > 2, within=60)
    kill(swept, run)
    heal(swept)
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")


def test_between_commit_and_sync(swept: Lab) -> None:
    fault(swept, "argocd", "controller-down")
    run = swept.start("promote", application="example-app", to="dev")
    kill_while(swept, run, "sync")
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")


@pytest.mark.long
def test_a_forge_that_loses_the_repository_for_a_while_takes_nothing_back(swept: Lab) -> None:
    """It answers 404, as a forge does that is being moved: the run that goes on after the commit cannot even begin."""
    fault(swept, "argocd", "controller-down")
    run = swept.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_doing(swept, run, "sync"), within=60)
    fault(swept, "forge", "git-404")
    kill(swept, run)
    swept.prefect.wait_for(run, "Misconfigured", within=60)
    heal(swept)
    assert eventually(lambda: swept.prefect.read(run)["state"]["name"] == "Promoted", within=HEALS_WITHIN)
    check_once(swept, run, "promoted")
    assert not [commit for commit in swept.commits() if commit.trailer(REVERTS)]


@pytest.mark.long
def test_between_revert_and_record(swept: Lab) -> None:
    swept.commit({"configs/base/values.json": text(values("base", "1.5.0"))})
    run = swept.start("promote", application="example-app", to="dev")
    assert eventually(lambda: any(c.trailer(REVERTS) for c in swept.commits()), within=60)
    kill(swept, run)
    state = healed(swept, run)
    assert state["name"] == "RolledBack"
    check_once(swept, run, "rolled back")
    assert len([c for c in swept.commits() if c.trailer(REVERTS)]) == 1
    assert swept.version("dev") == "1.4.1"


@pytest.mark.long
def test_before_the_next_environment_is_started(swept: Lab) -> None:
    stall(swept, "slack", path="chat.update")
    run = swept.start("promote", application="example-app", to="dev")
    kill_while(swept, run, "tell the outcome")
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")
    assert swept.ended_chain("staging")["name"] == "Promoted"
    assert len(swept.runs_of("staging")) == 1


def test_while_it_waits_at_the_gate_a_vote_still_opens_it(swept: Lab) -> None:
    policy = {"dev": {"approvals": {"needed": 1}}, "staging": {"start": "manual"}}
    swept.commit({"liftgate.json": text(configured(swept, policy=policy))})
    run = swept.start_as("rosa", "promote", application="example-app", to="dev")
    swept.suspended(run)
    swept.vote(run, "grace")
    # Nothing wakes it: the Liftgate server died between the vote and the waking, and another one's sweep finds it.
    assert healed(swept, run)["name"] == "Promoted"
    check_once(swept, run, "promoted")


@pytest.mark.long
def test_cancelled_after_the_commit_it_is_rolled_back(swept: Lab) -> None:
    fault(swept, "argocd", "controller-down")
    run = swept.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_doing(swept, run, "sync"), within=60)
    swept.prefect.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
    swept.prefect.wait_for(run, "Cancelled", "Running", "AwaitingRetry")
    heal(swept)
    assert eventually(lambda: bool(swept.entries("dev")) and len(swept.entries("dev")) == 2, within=HEALS_WITHIN)
    assert swept.version("dev") == "1.4.1"


@pytest.mark.long
def test_the_worker_and_its_flow_at_once(swept: Lab, tmp_path: Path) -> None:
    """A machine that dies: nobody is left to say that the run crashed; the next worker there finds it."""
    pool = f"machine{uuid4().hex[:6]}"
    first = Supervisor(tmp_path / "worker")
    first.start(LabWorker(first.folder, swept.prefect.access, pool))
    swept.prefect = replace(swept.prefect, pool=pool, worker=first.folder)
    swept.variables["LIFTGATE_PREFECT__NAME"] = pool
    swept.deploy()
    with swept_by(swept):
        fault(swept, "argocd", "controller-down")
        run = swept.start("promote", application="example-app", to="dev")
        assert eventually(lambda: is_doing(swept, run, "sync"), within=60)
        process = int(str(swept.prefect.read(run)["infrastructure_pid"]).rpartition(":")[2])
        os.killpg(first.pid("worker"), signal.SIGKILL)
        os.killpg(process, signal.SIGKILL)
        heal(swept)
        with Supervisor(first.folder) as second:
            second.start(LabWorker(second.folder, swept.prefect.access, pool))
            assert healed(swept, run)["name"] == "Promoted"
            check_once(swept, run, "promoted")
    first.close()
