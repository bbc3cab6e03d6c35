"""What a promotion changes in the cluster is shown before anything is merged, and what does not render is stopped."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.rendered import Rendered
from liftgate.domain.run_notes import RENDERED
from liftgate.gatehouse.app import application
from liftgate.integrations.git.process import Git
from liftgate.sandbox.serve import serve
from liftgate.services.notes import Notes
from liftgate.wiring import Integrations
from tests.examples import text
from tests.flows.artifacts import artifacts
from tests.flows.faults import fault, heal
from tests.flows.test_promote import GATE, to_a_gate
from tests.lab import Lab, configured, settings_of
from tests.plain import http

pytestmark = pytest.mark.prefect

FIELD = "/data/values.json/application/version"
TITLE = "What will change in the cluster"
BROKEN = b"resources: [../../manifests, gone.yaml]\n"


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


def previews(lab: Lab) -> list[str]:
    """The branches that a look left on the remote."""
    out = lab.mirror("reader").git.run("ls-remote", "--heads", "origin", "liftgate/preview/*").out
    return out.decode().splitlines()


def test_before_the_gate_people_see_it_in_the_artifact_the_pull_request_and_the_page(lab: Lab) -> None:
    run = to_a_gate(lab)
    for shown in (artifact(lab, run), pull_request(lab, run)["body"], page(lab, run)):
        assert TITLE in shown
        assert "ConfigMap/environment-config" in shown
        assert FIELD in shown
        assert "1.4.2" in shown
    assert "2 objects change" in artifact(lab, run), "the Deployment refers to the ConfigMap by its hashed name"
    assert not previews(lab)
    assert lab.version("dev") == "1.4.1"


def test_a_woken_run_does_not_render_again_and_the_pull_request_keeps_what_it_said(lab: Lab) -> None:
    run = to_a_gate(lab)
    said = pull_request(lab, run)["body"]
    lab.wake(run)
    lab.suspended_again(run)
    assert len(kept(lab, run)) == 1
    assert pull_request(lab, run)["body"] == said


def test_what_does_not_render_is_stopped_before_the_gate_with_the_renderers_words(lab: Lab) -> None:
    lab.commit({"configs/dev/kustomization.yaml": BROKEN})
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert state["name"] == "Refused"
    assert "example-app-dev: the proposed commit does not render: accumulating resources" in state["message"]
    assert "configs/dev/gone.yaml: no such file or directory" in state["message"]
    assert lab.version("dev") == "1.4.1"
    (entry,) = lab.entries("dev")
    assert (entry.outcome, entry.revision) == ("refused", "")
    assert "does not render" in page(lab, run)
    assert not previews(lab)


def test_a_pull_request_that_does_not_render_is_closed_again(lab: Lab) -> None:
    policy = {"dev": {"deliver": "pull-request", "approvals": {"needed": 1}}}
    changed = {"liftgate.json": text(configured(lab, policy=policy)), "configs/dev/kustomization.yaml": BROKEN}
    lab.commit(changed)
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Refused"
    assert pull_request(lab, run)["state"] == "closed"


def test_a_push_leaves_no_branch_behind_and_is_shown_all_the_same(lab: Lab) -> None:
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    assert FIELD in artifact(lab, run)
    assert FIELD in page(lab, run)
    assert not previews(lab)
    said = {check.step: check.state for check in Notes(lab.prefect.runs, run).checks()}
    shown = ("json-lint", "schema-validation", "security-scan", "generate-diff", "notify-reviewers", "rendered-diff")
    assert said == dict.fromkeys((*shown, "health-check", "integration-test"), "passed")


def test_switched_off_nothing_is_rendered(lab: Lab) -> None:
    stages = [{"name": "preview", "steps": [{"name": "generate-diff", "rendered": False}]}]
    lab.commit({"liftgate.json": text(configured(lab, pipeline={"stages": stages}))})
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    assert "rendered-diff" not in {task["name"] for task in lab.tasks(run)}


def test_a_repository_that_keeps_branches_to_itself_is_said_and_stops_nothing(lab: Lab) -> None:
    (repository,) = (lab.folder / "town" / "forge").rglob("*.git")
    Git(repository)("config", "--add", "receive.hideRefs", "refs/heads/liftgate/preview")
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    (seen,) = kept(lab, run)
    assert [part.state for part in seen.parts] == ["unknown"]
    assert "could not be rendered: the repository does not let the worker push" in page(lab, run)


def test_what_nobody_can_render_now_is_tried_again_then_said_and_looked_at_at_the_next_waking(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": GATE, "staging": {"start": "manual"}}))})
    fault(lab, "argocd", "git-unavailable")
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(run)
    for shown in (artifact(lab, run), pull_request(lab, run)["body"], page(lab, run)):
        assert "could not be rendered: Argo CD cannot render it now: failed to list refs" in shown
    heal(lab, "argocd")
    lab.wake(run)
    lab.suspended_again(run)
    assert [part.state for seen in kept(lab, run) for part in seen.parts] == ["unknown", "rendered"]
    assert FIELD in pull_request(lab, run)["body"]
    assert FIELD in page(lab, run)
