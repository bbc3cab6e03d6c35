"""Every verification step can fail a run by itself, and the run is rolled back then: reverted, synced, verified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from liftgate.domain.message import REVERTS
from liftgate.sandbox.serve import serve
from tests.examples import SEED, text, values
from tests.flows.chat import messages
from tests.flows.conftest import opened
from tests.flows.failing import COMMANDS, FAILURES, STEPS, Failure, good, job
from tests.lab import DEPLOYMENT, Lab, configured
from tests.prefect_server import PrefectApi
from tests.steps.world import Script, vector

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, prefect_api: PrefectApi) -> Iterator[Lab]:
    """One lab for all releases of this file; the worker has a Prometheus, which knows of two errors, and a test job."""
    routes = [
        Route("/jobs/{what}", job, methods=["GET", "POST"]),
        Route("/{any:path}", Script(vector(2)).__call__, methods=["GET", "POST"]),
    ]
    with opened(tmp_path_factory.mktemp("scene"), prefect_api) as lab, serve(Starlette(routes=routes)) as served:
        lab.town.urls["jobs"] = f"{served.url}/jobs"
        lab.variables |= {"LIFTGATE_PROMETHEUS__URL": served.url, "LIFTGATE_WORKER__COMMANDS": COMMANDS}
        lab.deploy()
        yield lab


_PATCHES = count(2)


def release(lab: Lab, failure: Failure | None = None) -> str:
    """A version that was never there before waits in the base, and fails so; its number."""
    version = (failure and failure.version) or f"1.4.{next(_PATCHES)}"
    checks = good(lab)
    if failure and failure.step:
        checks[failure.step] |= failure.checks(lab, version)
    commit(lab, checks, version, failure.manifests if failure else DEPLOYMENT)
    if failure:
        failure.before(lab)
    return version


def commit(lab: Lab, checks: dict[str, Any], version: str, manifests: str = DEPLOYMENT) -> None:
    stages = [*SEED["pipeline"]["stages"], {"name": "verify", "steps": STEPS}]
    own = {"applications": {"example-app": {"checks": checks}}, "pipeline": {"stages": stages}}
    files: dict[str, bytes | None] = {
        "liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}, **own)),
        "configs/base/values.json": text(values("base", version)),
        "manifests/deployment.yaml": manifests.encode(),
    }
    lab.commit(files)


def promoted(lab: Lab) -> tuple[str, Any]:
    """The run and its last state."""
    run = lab.start("promote", application="example-app", to="dev")
    return run, lab.ended(run)


@pytest.mark.parametrize("name", list(FAILURES))
def test_a_failure_at_each_step_is_reverted_synced_and_verified(scene: Lab, name: str) -> None:
    failure = FAILURES[name]
    version = release(scene, failure)
    run, state = promoted(scene)
    assert state["name"] == "RolledBack", state["message"]
    assert re.match(r"rolled back to 1\.4\.1 in \d+ s: ", state["message"])
    assert failure.words in state["message"]
    assert scene.commits()[0].trailer(REVERTS) == run
    assert (scene.version("dev"), scene.serves("dev")) == ("1.4.1", "1.4.1")
    assert in_the_cluster(scene) == ("Synced", "Healthy", scene.commits()[0].sha)
    back, entry = scene.entries("dev")[-2:]
    assert [(one.kind, one.outcome) for one in (back, entry)] == [("rollback", "verified"), ("promote", "rolled back")]
    assert (entry.promotion, entry.version, back.reverts) == (run, version, run)
    assert failure.words in entry.reason
    assert any(version in one["text"] and "olled back" in one["text"] for one in messages(scene))


def in_the_cluster(lab: Lab) -> tuple[str, ...]:
    status = lab.town.argocd.state.applications["example-app-dev"]["status"]
    return status["sync"]["status"], status["health"]["status"], status["sync"]["revision"]


def test_every_failing_step_is_told_when_several_fail(scene: Lab) -> None:
    several = [FAILURES[name] for name in ("served-config", "health-check", "log-check", "metric-check")]
    version, checks = f"1.4.{next(_PATCHES)}", good(scene)
    for failure in several:
        checks[failure.step] |= failure.checks(scene, version)
    commit(scene, checks, version)
    _, state = promoted(scene)
    assert state["name"] == "RolledBack", state["message"]
    assert [failure.words for failure in several if failure.words not in state["message"]] == []


def test_what_is_not_configured_says_so_and_is_no_pass(scene: Lab) -> None:
    commit(scene, {}, f"1.4.{next(_PATCHES)}")
    run, state = promoted(scene)
    assert state["name"] == "Promoted", state["message"]
    said = "\n".join(scene.task_logs(run))
    silent = ["health-check", "integration-test", "log-check", "metric-check"]
    assert [name for name in STEPS if f"{name}: not configured: " in said] == silent
    assert [name for name in STEPS if f"{name}: passed: " in said] == ["served-config", "backup-check"]


def test_all_of_them_pass(scene: Lab) -> None:
    version = release(scene)
    run, state = promoted(scene)
    assert state["name"] == "Promoted", state["message"]
    said = "\n".join(scene.task_logs(run))
    assert [name for name in STEPS if f"{name}: passed: " not in said] == []
    assert scene.serves("dev") == version
