"""What a promotion changes in the cluster is shown before anything is merged, and what does not render is stopped."""

from __future__ import annotations

from typing import Any

import pytest
from liftgate_sandbox.town import token_of
from sandbox_tests.plain import http

from liftgate.errors import Unavailable
from liftgate.integrations.git.process import Git
from liftgate.services.notes import Notes
from liftgate.services.outcomes import Result
from liftgate.services.verification import steps_of
from tests.examples import text
from tests.flows.faults import fault, heal
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, at_gate, gated, page, walk

FIELD = "/data/values.json/application/version"
BROKEN = b"resources: [../../manifests, gone.yaml]\n"


def pull_request(world: World, run: str) -> Any:
    found = world.at.forge.find(f"liftgate/promotions/{run}", "main")
    assert found is not None
    url = f"{world.at.settings.forge.url}/repos/shop/config/pulls/{found.number}"
    return http.get(url, headers={"Authorization": f"Bearer {token_of('ada')}"}).json()


def previews(world: World) -> list[str]:
    """The branches that a look left on the remote."""
    out = world.lab.mirror("reader").git.run("ls-remote", "--heads", "origin", "liftgate/preview/*").out
    return out.decode().splitlines()


def states(world: World, run: str) -> list[str]:
    found = Notes(world.at.runs, run).rendered()
    return [part.state for part in found.parts] if found else []


def test_what_does_not_render_is_refused_with_the_renderers_words(deployed: World) -> None:
    deployed.lab.commit({"configs/dev/kustomization.yaml": BROKEN})
    run = walk(deployed, to="dev")
    change = run.begin()
    plan = run.plan(change)
    verdict = run.previewed(change, plan)
    assert verdict.failed
    assert "example-app-dev: the proposed commit does not render: accumulating resources" in verdict.in_full
    assert "configs/dev/gone.yaml: no such file or directory" in verdict.in_full
    assert run.commit(change, plan, preview=lambda: verdict).revision == "", "nothing is pushed"
    ended = run.end(change, Result(outcome="refused", reason=verdict.in_full, plan=plan))
    assert deployed.lab.version("dev") == "1.4.1"
    assert deployed.lab.entries("dev") == [ended]
    assert (ended.outcome, ended.revision) == ("refused", "")
    assert "does not render" in page(deployed, run.run)
    assert not previews(deployed)


def test_a_pull_request_that_does_not_render_is_not_merged_and_closed_again(deployed: World) -> None:
    deployed.lab.commit({"configs/dev/kustomization.yaml": BROKEN})
    gated(deployed, deliver=BY_PULL_REQUEST)
    run = walk(deployed, to="dev")
    change = run.begin()
    plan = run.plan(change)
    verdict = run.previewed(change, plan)
    assert pull_request(deployed, run.run)["state"] == "open"
    assert run.commit(change, plan, preview=lambda: verdict).revision == ""
    run.end(change, Result(outcome="refused", reason=verdict.in_full, plan=plan))
    closed = pull_request(deployed, run.run)
    assert (closed["state"], closed["merged"]) == ("closed", False)


def test_a_push_leaves_no_branch_behind_and_is_shown_all_the_same(deployed: World) -> None:
    run = walk(deployed, to="dev")
    change, plan, decision = run.to_gate()
    assert decision.opens
    assert not previews(deployed)
    assert FIELD in page(deployed, run.run)
    assert run.commit(change, plan, decision).revision


def test_switched_off_nothing_is_rendered(deployed: World) -> None:
    stages = [{"name": "preview", "steps": [{"name": "generate-diff", "rendered": False}]}]
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, pipeline={"stages": stages}))})
    run = walk(deployed, to="dev")
    change, _, _ = run.to_gate()
    assert [spec.name for spec in steps_of(deployed.at, change, "preview")] == ["generate-diff"]
    assert states(deployed, run.run) == []


def test_a_repository_that_keeps_branches_to_itself_is_said_and_stops_nothing(deployed: World) -> None:
    (repository,) = (deployed.lab.folder / "town" / "forge").rglob("*.git")
    Git(repository)("config", "--add", "receive.hideRefs", "refs/heads/liftgate/preview")
    run = walk(deployed, to="dev")
    assert run.to_end().outcome == "promoted"
    assert states(deployed, run.run) == ["unknown"]
    assert "could not be rendered: the repository does not let the worker push" in page(deployed, run.run)


def test_what_is_rendered_is_in_the_pull_request_and_not_rendered_again(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    for shown in (run.shown["cluster"], pull_request(deployed, run.run)["body"], page(deployed, run.run)):
        assert "What will change in the cluster" in shown
        assert "ConfigMap/environment-config" in shown
        assert FIELD in shown
        assert "1.4.2" in shown
    assert not previews(deployed), "the pull request's branch holds the commit"
    said, seen = pull_request(deployed, run.run)["body"], Notes(deployed.at.runs, run.run).rendered()
    assert run.previewed(change, plan).passed
    assert Notes(deployed.at.runs, run.run).rendered() == seen
    assert len(deployed.at.runs.inputs(run.run, "rendered-")) == 1
    assert pull_request(deployed, run.run)["body"] == said


def test_what_nobody_can_render_now_is_tried_again_then_said_and_looked_at_at_the_next_waking(deployed: World) -> None:
    gated(deployed, deliver=BY_PULL_REQUEST)
    fault(deployed.lab, "argocd", "git-unavailable")
    run = walk(deployed, by="rosa", to="dev")
    change = run.begin()
    plan = run.plan(change)
    with pytest.raises(Unavailable, match="Argo CD cannot render it now"):
        run.previewed(change, plan)
    assert states(deployed, run.run) == [], "it is tried again"
    assert run.previewed(change, plan, last_try=True).passed
    assert states(deployed, run.run) == ["unknown"]
    for shown in (run.shown["cluster"], pull_request(deployed, run.run)["body"], page(deployed, run.run)):
        assert "could not be rendered: Argo CD cannot render it now: failed to list refs" in shown
    heal(deployed.lab, "argocd")
    assert run.previewed(change, plan).passed
    assert states(deployed, run.run) == ["rendered"]
    assert FIELD in pull_request(deployed, run.run)["body"]
    assert FIELD in page(deployed, run.run)
