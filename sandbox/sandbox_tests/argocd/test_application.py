"""The application in the cluster: it serves what was rolled out, and shows what is wrong with a release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from liftgate_sandbox.application import application
from liftgate_sandbox.serve import serve

from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import deployment, settings
from sandbox_tests.plain import NO_CERTIFICATES, http


@pytest.fixture
def service(automatic: Lab) -> Iterator[httpx.Client]:
    """The application of `dev` over HTTP."""
    with serve(application(automatic.argocd.cluster, "dev")) as served:
        yield httpx.Client(verify=NO_CERTIFICATES, base_url=served.url)


def push(lab: Lab, version: str, **configs: object) -> str:
    lab.config.values("dev", settings("dev", version, **configs))
    sha = lab.config.commit()
    lab.refresh("dev")
    return sha


def test_it_serves_the_configuration_that_was_rolled_out(automatic: Lab, service: httpx.Client) -> None:
    automatic.settled("dev", push(automatic, "1.1.0", api={"key": "hidden"}))
    written = (automatic.config.folder / "configs/dev/values.json").read_bytes()
    answer = service.get("/config")
    assert answer.json()["fingerprint"] == f"sha256:{hashlib.sha256(written).hexdigest()}"
    assert answer.json()["version"] == "1.1.0"
    assert "hidden" not in answer.text
    assert service.get("/healthz").json() == {"status": "ok", "version": "1.1.0"}
    assert "Version 1.1.0" in service.get("/").text


def test_without_a_probe_a_bad_release_is_healthy_for_argo_cd_only(automatic: Lab, service: httpx.Client) -> None:
    automatic.settled("dev", push(automatic, "1.5.0"))
    answer = service.get("/healthz")
    assert answer.status_code == 503
    reason = "database unreachable: no setting /application/environment/configs/database/url"
    assert answer.json() == {"status": "unhealthy", "reason": reason}
    assert f"ERROR {reason}" in service.get("/logs").text
    logs = automatic.get("dev", "/logs").text.splitlines()
    assert any(reason in line for line in logs)
    assert '"last": true' in logs[-1]


def test_a_revert_brings_it_back(automatic: Lab, service: httpx.Client) -> None:
    automatic.settled("dev", push(automatic, "1.5.0"))
    good = automatic.config.revert()
    automatic.refresh("dev")
    automatic.settled("dev", good)
    assert service.get("/healthz").json() == {"status": "ok", "version": "1.0.0"}


def test_with_a_probe_the_old_pods_serve_on_and_the_rollout_gets_stuck(automatic: Lab, service: httpx.Client) -> None:
    automatic.config.write("base/deployment.yaml", deployment(probed=True, deadline=1))
    automatic.settled("dev", push(automatic, "1.4.0"))
    push(automatic, "1.5.0")
    stuck = automatic.wait("dev", lambda app: app["status"]["health"]["status"] == "Progressing")
    assert "old replicas are pending termination" in str(stuck["status"]["resources"])
    assert service.get("/healthz").json() == {"status": "ok", "version": "1.4.0"}
    late = automatic.wait("dev", lambda app: app["status"]["health"]["status"] == "Degraded")
    assert 'Deployment \\"app\\" exceeded its progress deadline' in str(late["status"]["resources"]).replace('"', '\\"')
    sha = push(automatic, "1.5.0", database={"url": "postgres://db"})
    automatic.settled("dev", sha)
    assert service.get("/healthz").json() == {"status": "ok", "version": "1.5.0"}


def test_an_empty_namespace_is_unavailable(lab: Lab) -> None:
    with serve(application(lab.argocd.cluster, "nowhere")) as served:
        answers = [http.get(f"{served.url}{path}") for path in ("/healthz", "/config", "/")]
        assert [one.status_code for one in answers] == [503, 503, 503]
        assert answers[0].json() == {"status": "unhealthy", "reason": "no instance is ready"}
