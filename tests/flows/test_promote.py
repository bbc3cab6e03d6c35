"""Promotions on a real Prefect server: a chain to prod, a run that waits and is woken, one that ends at its gate.

What a promotion may do is tested in tests/services; here is what a flow adds: its states, forms, artifacts and runs.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import eventually, http

from liftgate.domain.promotion.message import PROMOTION_ID
from liftgate.domain.rendered.rendered import Rendered
from liftgate.domain.runs.run_notes import RENDERED
from liftgate.integrations.git import pauses
from liftgate.server.app import application
from liftgate.services.notes import Notes
from liftgate.wiring import Integrations
from tests.examples import ALLOWED_SIGNERS, NOW, text, values
from tests.flows.artifacts import artifacts
from tests.flows.faults import fault, heal
from tests.flows.test_kills import is_doing
from tests.integrations.conftest import AUTHOR
from tests.lab import Lab, configured, settings_of
from tests.signed import resume_promotions

pytestmark = pytest.mark.prefect


GATE: dict[str, Any] = {"deliver": "pull-request", "approvals": {"needed": 1}}
FIELD = "/data/values.json/application/version"
STEPS = ("json-lint", "schema-validation", "security-scan", "generate-diff", "notify-reviewers", "rendered-diff")


def ask_at_dev(lab: Lab, **policy: Any) -> None:
    """Dev asks for what prod asks for, and nothing comes after it."""
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": GATE | policy, "staging": {"start": "manual"}}))})


def artifact(lab: Lab, run: str) -> str:
    return artifacts(lab, run, "cluster-example-app-dev")[-1]


def pull_request(lab: Lab, run: str) -> Any:
    found = Integrations(settings_of(lab)).forge.find(f"liftgate/promotions/{run}", "main")
    assert found is not None
    url = f"{lab.variables['LIFTGATE_FORGE__URL']}/repos/shop/config/pulls/{found.number}"
    headers = {"Authorization": f"Bearer {lab.variables['LIFTGATE_REPOSITORY__TOKEN']}"}
    return http.get(url, headers=headers).json()


def page(lab: Lab, run: str) -> str:
    with serve(application(Integrations(settings_of(lab)))) as served:
        return http.get(f"{served.url}/promotions/{run}", timeout=30).text


def kept(lab: Lab, run: str) -> list[Rendered]:
    found = [RENDERED.read(text) for _, text in sorted(lab.prefect.runs.inputs(run, RENDERED.key()).items())]
    return [each for each in found if each]


def test_a_release_goes_through_all_environments_and_prod_waits_for_one_person(lab: Lab, tmp_path: Path) -> None:
    first = lab.start_as("rosa", "promote", application="example-app", to="dev")
    run = lab.at_gate("prod")
    assert lab.version("prod") == "1.4.1"
    lab.vote(run, "grace")
    lab.wake(run)
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("COMPLETED", "Promoted")
    assert re.fullmatch(r"Promoted 1\.4\.2 to prod in [0-9.]+ s\. Approved by grace\.", state["message"])
    assert [lab.version(name) for name in ("dev", "staging", "prod")] == ["1.4.2"] * 3
    assert [lab.serves(name) for name in ("dev", "staging", "prod")] == ["1.4.2"] * 3
    (entry,) = lab.entries("prod")
    assert (entry.outcome, entry.requested_by, entry.proof) == ("promoted", "rosa", "server")
    assert entry.approved_by == ("grace",)
    assert entry.first_sync is True
    assert entry.reason.startswith("synced in ")
    check_commits(lab, tmp_path)
    check_shown(lab, first)


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
        subprocess.run([*command, sha], cwd=lab.remote.git.directory, check=True, capture_output=True)


def check_shown(lab: Lab, run: str) -> None:
    """What was pushed to dev is shown as what goes by a pull request is: its rendering, and what each step said."""
    assert FIELD in artifact(lab, run)
    assert FIELD in page(lab, run)
    said = {check.step: check.state for check in Notes(lab.prefect.runs, run).checks()}
    assert said == dict.fromkeys((*STEPS, "health-check", "integration-test"), "passed")


def test_a_run_waits_at_its_gate_until_policy_takes_what_was_answered(lab: Lab) -> None:
    """By Prefect's own form, which decides nothing where policy does not say so; another policy is another gate."""
    ask_at_dev(lab)
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(run)
    said = pull_request(lab, run)["body"]
    for shown in (artifact(lab, run), said, page(lab, run)):
        assert "What will change in the cluster" in shown
        assert "ConfigMap/environment-config" in shown
        assert FIELD in shown
        assert "1.4.2" in shown
    assert "2 objects change" in artifact(lab, run), "the Deployment refers to the ConfigMap by its hashed name"
    lab.wake(run)
    lab.suspended_again(run)
    assert lab.version("dev") == "1.4.1"
    assert len(kept(lab, run)) == 1, "a woken run does not render again"
    assert pull_request(lab, run)["body"] == said
    ask_at_dev(lab, approvals={"needed": 1, "unproven": True})
    lab.wake(run)
    lab.suspended_again(run)
    assert (lab.version("dev"), lab.entries("dev")) == ("1.4.1", [])
    pause_in_the_last_moment(lab, run)
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"


def pause_in_the_last_moment(lab: Lab, run: str) -> None:
    """Its gate is open already, and nothing is committed: it looks again, and waits until it is resumed."""
    before = open_requests(lab)  # a page that was shown may still watch
    fault(lab, "argocd", "slow", seconds=5)
    lab.wake(run)
    assert eventually(lambda: is_doing(lab, run, "gate") and open_requests(lab) > before, within=60, every=0.1)
    pauses.add_pause(lab.mirror("somebody"), "", "incident 7", AUTHOR, NOW)
    heal(lab, "argocd")
    lab.suspended_again(run)
    assert eventually(lambda: "look again" in {task["name"] for task in lab.tasks(run)}), (
        "Prefect knows it a second later"
    )
    assert lab.version("dev") == "1.4.1"
    resume_promotions(lab)


def open_requests(lab: Lab) -> int:
    """At Argo CD. A gate that has one has read the pauses."""
    found: int = http.get(f"{lab.town.urls['argocd']}/sandbox/open-requests").json()
    return found


def test_what_does_not_render_ends_the_run_before_its_gate(lab: Lab) -> None:
    ask_at_dev(lab)
    lab.commit({"configs/dev/kustomization.yaml": b"resources: [../../manifests, gone.yaml]\n"})
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "Refused")
    assert "example-app-dev: the proposed commit does not render: accumulating resources" in state["message"]
    assert pull_request(lab, run)["state"] == "closed"
    assert [(entry.outcome, entry.sentence) for entry in lab.entries("dev")] == [("refused", state["message"])]


@pytest.mark.long
def test_runs_without_a_commit_of_their_own_say_why(lab: Lab) -> None:
    """A person merged the values; then there is nothing to do; then they break a rule, by a secret nobody shows."""
    ask_at_dev(lab)
    lab.commit({"configs/dev/values.json": text(values("dev", "1.4.2"))})
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert (state["type"], state["name"]) == ("COMPLETED", "Verified")
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert (state["name"], state["message"]) == ("NothingToDo", "nothing to do: 1.4.2 is in dev, verified")
    broken = values("base", "not-a-version")
    broken["application"]["password"] = "hunter2-Secret-9000"
    lab.commit({"configs/base/values.json": text(broken)})
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "Refused")
    assert "version" in state["message"]
    assert "plan" not in {task["name"] for task in lab.tasks(run)}
    assert "hunter2" not in str([state, *lab.task_logs(run)])
    assert lab.version("dev") == "1.4.2"
    assert not any(commit.trailer(PROMOTION_ID) for commit in lab.commits())
