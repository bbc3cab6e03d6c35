"""Commits that nobody merged, rendered by the sandbox, and what recorded answers of a real Argo CD mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_tests.argocd.conftest import lab, manual
from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import settings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.domain.rendered.rendered import compare_rendered
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.argocd_manifests import ArgoCDManifests
from tests.steps.world import Script, serving_all

__all__ = ["lab", "manual"]
CASES = Path(__file__).parents[2] / "cases" / "argocd"
OURS, CHARTS = "https://git.example.com/shop/config.git", "https://git.example.com/shop/charts"
NOW, HEAD, NEW, CHART = "a" * 40, "b" * 40, "c" * 40, "d" * 40


def reader(lab: Lab) -> ArgoCDManifests:
    return ArgoCDManifests(lab.served.url, lab.argocd.token("promo", "promoter"), "promo", lab.url)


def proposed(lab: Lab, ref: str, path: str = "configs/prod/values.json", content: Any = None) -> str:
    """The SHA of a commit that only that ref holds."""
    lab.config.write(path, content or settings("prod", "2.0.0"))
    sha = lab.config.commit("Proposed")
    lab.config.git("update-ref", ref, sha)
    lab.config.git("reset", "--quiet", "--hard", "HEAD~1")
    return sha


@pytest.mark.parametrize("ref", ["refs/heads/liftgate/preview/1", "refs/pull/1/head"])
def test_a_commit_of_whatever_ref_is_rendered_beside_what_is_there(manual: Lab, ref: str) -> None:
    sha = proposed(manual, ref)
    beside = reader(manual).beside("prod", sha, "f" * 40)
    assert beside is not None
    found = compare_rendered("prod", beside.now, beside.proposed)
    fields = {field.pointer: (field.before, field.after) for each in found.changes for field in each.fields}
    assert fields["/data/values.json/application/version"] == ('"1.0.0"', '"2.0.0"')
    assert [each.object for each in found.changes] == ["ConfigMap/environment-config", "Deployment/app"]


def test_a_commit_that_does_not_render_says_why(manual: Lab) -> None:
    sha = proposed(manual, "refs/heads/x", "configs/prod/kustomization.yaml", "resources: [gone.yaml]\n")
    beside = reader(manual).beside("prod", sha, sha)
    assert beside is not None
    assert beside.now.objects
    assert beside.proposed.broken.startswith("accumulating resources")
    assert "cached source" not in beside.proposed.broken


def test_where_what_is_there_does_not_render_the_head_is_looked_at(manual: Lab) -> None:
    good = manual.config.git("rev-parse", "HEAD")
    manual.config.write("configs/prod/kustomization.yaml", "resources: [gone.yaml]\n")
    manual.config.commit()
    manual.refresh("prod")
    beside = reader(manual).beside("prod", good, manual.config.git("rev-parse", "HEAD"))
    assert beside is not None
    assert "gone.yaml" in beside.now.broken
    assert beside.proposed.objects


def test_an_application_that_is_not_there_yet_is_none(manual: Lab) -> None:
    assert reader(manual).beside("eu", NEW, HEAD) is None


def test_a_commit_that_is_not_on_the_remote_is_a_passing_fault(manual: Lab) -> None:
    with pytest.raises(Unavailable, match="cannot render it now"):
        reader(manual).beside("prod", NEW, HEAD)


def test_a_repository_that_is_away_is_no_broken_commit(manual: Lab) -> None:
    sha = proposed(manual, "refs/heads/x")
    manual.fault("git-unavailable")
    with pytest.raises(Unavailable, match="503"):
        reader(manual).beside("prod", sha, sha)


def test_of_several_sources_each_gets_its_own_revision_in_the_sandbox(manual: Lab) -> None:
    where = {"repoURL": manual.url, "targetRevision": "main"}
    sources = [where | {"path": "configs/prod"}, where | {"path": "configs/dev"}]
    manual.create("two", "", sources=sources).raise_for_status()
    manual.refresh("two")
    beside = reader(manual).beside("two", proposed(manual, "refs/heads/x"), HEAD)
    assert beside is not None
    assert '\\"2.0.0\\"' in json.dumps(beside.proposed.objects)
    assert '\\"2.0.0\\"' not in json.dumps(beside.now.objects)


def asked_for(application: Any, repository: str = OURS) -> list[list[tuple[str, str]]]:
    """The queries of the two renderings, without the project; they are sent at the same time, and that of the
    proposed commit is last here."""
    script = Script(JSONResponse({"manifests": ["{}"]}))
    paths = {
        "/api/v1/applications/{name}": Script(JSONResponse(application)),
        "/api/v1/applications/{name}/manifests": script,
    }
    with serving_all(paths) as url:
        assert ArgoCDManifests(url, "token", "promo", repository).beside("app", NEW, HEAD)
    asked = [[pair for pair in each.query_params.multi_items() if pair[0] != "project"] for each in script.asked]
    return sorted(asked, key=lambda pairs: any(value == NEW for _, value in pairs))


def application(*sources: str, revisions: list[str]) -> Any:
    spec = {"sources": [{"repoURL": source, "targetRevision": "main"} for source in sources]}
    return {"metadata": {"name": "app"}, "spec": spec, "status": {"sync": {"revisions": revisions}}}


def several(first: str, second: str) -> list[tuple[str, str]]:
    return [("revisions", first), ("revisions", second), ("sourcePositions", "1"), ("sourcePositions", "2")]


def test_only_our_source_of_several_gets_the_commit() -> None:
    found = asked_for(application(CHARTS, OURS, revisions=[CHART, NOW]))
    assert found == [several(CHART, NOW), several(CHART, NEW)]


def test_every_source_of_our_repository_gets_it_however_its_address_is_written() -> None:
    spelled = "git@git.example.com:shop/Config.git"
    found = asked_for(application(spelled, OURS, revisions=[NOW, NOW]))
    assert found == [several(NOW, NOW), several(NEW, NEW)]


def test_names_of_branches_are_never_sent_for_ours() -> None:
    assert asked_for(application(OURS, OURS, revisions=["main", "main"]))[0] == several(HEAD, HEAD)
    one = {"metadata": {}, "spec": {"source": {"repoURL": OURS}}, "status": {"sync": {"revision": "main"}}}
    assert asked_for(one) == [[("revision", HEAD)], [("revision", NEW)]]


def test_a_source_nobody_has_looked_at_yet_is_left_to_its_own_branch() -> None:
    found = asked_for(application(CHARTS, OURS, revisions=[]))
    assert found == [[("revisions", each), ("sourcePositions", "2")] for each in (HEAD, NEW)]


@pytest.mark.parametrize(
    "found", [application(CHARTS, CHARTS, revisions=[CHART, CHART]), {"metadata": {}, "spec": {"sourceHydrator": {}}}]
)
def test_an_application_without_our_repository_cannot_be_rendered(found: Any) -> None:
    with pytest.raises(Refused, match="none of the Application's sources is the repository shop/config"):
        asked_for(found)


class OfProposed(Script):
    """For the proposed commit; nothing for what is there now, which is asked for at the same time."""

    async def __call__(self, request: Request) -> Response:
        return self.answers[0] if request.query_params.get("revision") == NEW else JSONResponse({})


def answered(answer: Response) -> Any:
    one = {"metadata": {}, "spec": {"source": {"repoURL": OURS}}, "status": {"sync": {"revision": NOW}}}
    paths = {
        "/api/v1/applications/{name}": Script(JSONResponse(one)),
        "/api/v1/applications/{name}/manifests": OfProposed(answer),
    }
    with serving_all(paths) as url:
        return ArgoCDManifests(url, "token", "promo", OURS).beside("app", NEW, HEAD)


def recorded(name: str) -> Response:
    response = json.loads((CASES / f"{name}.json").read_text())["response"]
    return JSONResponse(response["body"], response["status"])


def error(message: str, status: int = 500, code: int = 2) -> Response:
    return JSONResponse({"error": message, "code": code, "message": message}, status)


@pytest.mark.parametrize("name", ["270-manifests-unmerged-sha", "281-manifests-pull-request-ref"])
def test_a_real_argo_cds_manifests_are_read(name: str) -> None:
    kinds = [each["kind"] for each in answered(recorded(name)).proposed.objects]
    assert kinds == ["ConfigMap", "Deployment"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (recorded("272-manifests-unmerged-broken"), "failed to parse configs/dev/values.json: error converting YAML"),
        (recorded("148-manifests-badkust"), "accumulating resources"),
        (error('Failed to unmarshal "a.yaml": no kind', 400, 9), 'Failed to unmarshal "a.yaml"'),
        (
            error("x failed exit status 1: Error: execution error at (a.yaml:5): timeout is required"),
            "execution error at",
        ),
        (error("configs/eu: app path does not exist"), "configs/eu: app path does not exist"),
    ],
)
def test_the_renderers_words_mean_a_broken_commit(answer: Response, said: str) -> None:
    assert answered(answer).proposed.broken.startswith(said)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (recorded("63-manifests-unknown-revision"), Unavailable),
        (recorded("271-manifests-unmerged-branch"), Unavailable),
        (recorded("282-manifests-unmerged-multi-source-ref-only"), Refused),
        (error("failed to list refs: dial tcp: connection refused"), Unavailable),
        (error("x failed exit status 1: Error: i/o timeout"), Unavailable),
        (error("repo server away", 503, 14), Unavailable),
        (error("", 500, 2), Unavailable),
        (error("permission denied", 403, 7), Misconfigured),
    ],
)
def test_other_errors_are_not_the_commits(answer: Response, kind: type[LiftgateError]) -> None:
    with pytest.raises(kind):
        answered(answer)


def test_secrets_come_with_stars_from_the_sandbox(manual: Lab) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "aHVudGVyMg=="}}
    manual.config.write("base/secret.yaml", secret)
    kustomization = {"resources": ["deployment.yaml", "secret.yaml"]}
    sha = proposed(manual, "refs/heads/x", "base/kustomization.yaml", kustomization)
    answer: httpx.Response = manual.get("prod", "/manifests", revision=sha)
    assert answer.json()["manifests"]
    assert "aHVudGVyMg" not in answer.text
    assert "++++++++" in answer.text
