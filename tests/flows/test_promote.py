"""A promotion from dev to prod on a real Prefect server, and what can stop it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.message import PROMOTION_ID
from liftgate.integrations.git import stops
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, text, values
from tests.flows.faults import fault, heal
from tests.integrations.conftest import AUTHOR
from tests.lab import Lab, configured
from tests.prefect_server import eventually

pytestmark = pytest.mark.prefect


GATE: dict[str, Any] = {"deliver": "pull-request", "approvals": {"needed": 1}}


def to_a_gate(lab: Lab, **policy: Any) -> str:
    """The run of 1.4.2 that waits at dev, which asks here for what prod asks for."""
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": GATE | policy, "staging": {"start": "manual"}}))})
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(run)
    return run


def test_a_release_goes_through_all_environments_and_prod_waits_for_one_person(lab: Lab, tmp_path: Path) -> None:
    lab.start_as("rosa", "promote", application="example-app", to="dev")
    run = lab.at_gate("prod")
    assert lab.version("prod") == "1.4.1"
    lab.vote(run, "grace")
    lab.wake(run)
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("COMPLETED", "Promoted")
    assert state["message"].startswith("promoted, approved by grace: synced in ")
    assert [lab.version(name) for name in ("dev", "staging", "prod")] == ["1.4.2"] * 3
    assert [lab.serves(name) for name in ("dev", "staging", "prod")] == ["1.4.2"] * 3
    (entry,) = lab.entries("prod")
    assert (entry.outcome, entry.requested_by, entry.proof) == ("promoted", "rosa", "gatehouse")
    assert entry.approved_by == ("grace",)
    assert entry.first_sync is True
    check_commits(lab, tmp_path)


def check_commits(lab: Lab, folder: Path) -> None:
    """One signed commit for each promotion, with its trailers; a pull request adds the forge's merge commit."""
    prod, staging, dev, *_ = lab.commits()
    assert [c.trailer("Promotion-Environment") for c in (dev, staging, prod)] == ["dev", "staging", "prod"]
    assert "Promotion-Approved-By: grace" in prod.message
    assert prod.trailer("Promotion-Requested-By") == "rosa"
    assert len(prod.parents) == 2
    signers = folder / "allowed"
    signers.write_text(ALLOWED_SIGNERS)
    command = ["git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit"]
    for sha in (dev.sha, staging.sha, prod.parents[1]):
        subprocess.run([*command, sha], cwd=lab.mirror("reader").directory, check=True, capture_output=True)


def test_a_refusal_ends_it_and_nothing_is_changed(lab: Lab) -> None:
    run = to_a_gate(lab)
    lab.vote(run, "grace", "refuse")
    lab.wake(run)
    state = lab.ended(run)
    assert state["name"] == "Refused"
    assert state["message"] == "refused by grace"
    assert lab.version("dev") == "1.4.1"
    assert [entry.outcome for entry in lab.entries("dev")] == ["refused"]
    mirror = lab.mirror("reader")
    mirror.fetch()
    assert not mirror.resolve(f"refs/heads/liftgate/promotions/{run}"), "the pull request's branch is left behind"


@pytest.mark.parametrize("voter", ["rosa", "mallory"])
def test_neither_the_requester_nor_a_forged_vote_opens_prod(lab: Lab, voter: str) -> None:
    """Nor a commit that says the promotion is there, and who approved it: whoever may push can write that."""
    run = to_a_gate(lab)
    if voter == "rosa":
        lab.vote(run, "rosa")
    else:
        lab.prefect.call("POST", f"/flow_runs/{run}/input", {"key": "vote-x", "value": '{"statement": {}}'})
        said = f"Promotion-Id: {run}\nPromotion-Environment: dev\nPromotion-Approved-By: ada\n"
        lab.commit({"docs/about.md": b"x"}, f"About\n\n{said}")
    lab.wake(run)
    lab.suspended_again(run)
    assert lab.version("dev") == "1.4.1"
    assert lab.entries("dev") == []


def test_prefects_own_form_decides_nothing_where_policy_does_not_say_so(lab: Lab) -> None:
    run = to_a_gate(lab)
    for _ in range(2):
        lab.wake(run)
        lab.suspended_again(run)
    assert lab.version("dev") == "1.4.1"


def test_prefects_own_form_counts_where_policy_allows_an_unproven_person(lab: Lab) -> None:
    run = to_a_gate(lab, approvals={"needed": 1, "unproven": True})
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"


def test_an_unproven_requester_takes_two_people(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": GATE}))})
    run = lab.start("promote", application="example-app", to="dev", requested_by="grace")
    lab.suspended(run)
    lab.vote(run, "grace")
    lab.wake(run)
    lab.suspended_again(run)
    lab.vote(run, "ada")
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"


def test_a_change_under_the_plan_is_a_new_plan_and_a_new_gate(lab: Lab) -> None:
    """Of the values, or of what verification is."""
    run = to_a_gate(lab)
    changed = values("dev") | {"note": "somebody's own"}
    lab.commit({"configs/dev/values.json": text(changed)})
    lab.vote(run, "grace")
    lab.wake(run)
    lab.suspended_again(run)
    assert lab.version("dev") == "1.4.1"
    without = configured(lab, policy={"dev": GATE, "staging": {"start": "manual"}})
    del without["applications"]["example-app"]["checks"]["integration-test"]
    lab.commit({"liftgate.json": text(without)})
    lab.vote(run, "grace")
    lab.wake(run)
    lab.suspended_again(run)
    assert lab.version("dev") == "1.4.1", "what was approved had an integration test"
    lab.vote(run, "grace")
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"
    assert lab.json("dev")["note"] == "somebody's own"


def test_the_line_stopped_in_the_last_moment_before_the_commit_stops_it(lab: Lab) -> None:
    fault(lab, "argocd", "slow", seconds=3)
    run = lab.start("promote", application="example-app", to="dev")

    def renders() -> bool:
        return any((task["name"], task["state_type"]) == ("rendered-diff", "RUNNING") for task in lab.tasks(run))

    assert eventually(renders, within=60)
    stops.put(lab.mirror("somebody"), "", "incident 7", AUTHOR, NOW)
    heal(lab, "argocd")
    lab.suspended(run)
    assert lab.version("dev") == "1.4.1"
    stops.take_away(lab.mirror("somebody"), "")
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"


def test_promoting_what_is_there_is_nothing_to_do(lab: Lab) -> None:
    lab.ended(lab.start("promote", application="example-app", to="dev"))
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["message"] == "nothing to do: 1.4.2 is in dev, verified"
    assert len([c for c in lab.commits() if c.trailer(PROMOTION_ID)]) <= 2


def test_a_persons_own_merge_is_verified_without_a_commit_of_ours(lab: Lab) -> None:
    lab.commit({"configs/dev/values.json": text(values("dev", "1.4.2"))})
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["name"] == "Verified"
    assert not any(c.trailer(PROMOTION_ID) for c in lab.commits() if c.trailer("Promotion-Environment") == "dev")


def test_a_step_taken_out_of_the_seed_is_not_run(lab: Lab) -> None:
    stages = [{"name": "validate", "steps": ["json-lint"]}, {"name": "preview", "steps": ["generate-diff"]}]
    lab.commit({"liftgate.json": text(configured(lab, pipeline={"stages": stages}))})
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    names = {task["name"] for task in lab.tasks(run)}
    assert "json-lint" in names
    assert not {"schema-validation", "security-scan", "notify-reviewers"} & names


def test_values_that_break_a_rule_are_refused_with_every_finding(lab: Lab) -> None:
    broken = values("base", "not-a-version") | {"password": "hunter2-Secret-9000"}
    broken["application"]["password"] = "hunter2-Secret-9000"
    lab.commit({"configs/base/values.json": text(broken)})
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["name"] == "Refused"
    assert "version" in state["message"]
    assert "hunter2" not in str(state)
    assert lab.version("dev") == "1.4.1"


def test_malformed_values_are_named_at_their_place(lab: Lab) -> None:
    lab.commit({"configs/dev/values.json": b'{"application": {"name": "example-app",}}\n'})
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["type"] == "FAILED"
    assert "configs/dev/values.json:1:" in state["message"]


def test_an_unreachable_argo_cd_stops_it_before_the_commit(lab: Lab) -> None:
    lab.variables["LIFTGATE_ARGOCD__URL"] = "http://127.0.0.1:9"
    lab.deploy()
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert "Argo CD is not reachable at 127.0.0.1:9" in state["message"]
    assert lab.version("dev") == "1.4.1"


def test_a_missing_token_is_named_by_its_setting(lab: Lab) -> None:
    lab.variables["LIFTGATE_ARGOCD__TOKEN"] = ""
    lab.deploy()
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["message"] == "Argo CD needs a token: set LIFTGATE_ARGOCD__TOKEN"


def test_the_seed_alone_runs_a_promotion(lab: Lab) -> None:
    """The four blocks as people paste them, and nothing else; what nobody configured says so."""
    lab.commit({"liftgate.json": text(SEED)})
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert state["name"] == "Promoted"
    said = "\n".join(lab.task_logs(run))
    assert "health-check: not configured" in said
    assert "integration-test: not configured" in said
