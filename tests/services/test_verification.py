"""Every verification step can fail a release by itself, which is rolled back then: reverted, synced, verified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest
from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.routing import Route

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.promotion.message import REVERTS
from tests.flows.chat import messages
from tests.flows.failing import COMMANDS, FAILURES, STEPS, committed, good, job
from tests.lab import Lab
from tests.server.world import deployed_world
from tests.services.course import Course
from tests.steps.world import Script, vector


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """One for all releases of this file; the worker has a Prometheus, which knows of two errors, and a test job."""
    routes = [
        Route("/jobs/{what}", job, methods=["GET", "POST"]),
        Route("/{any:path}", Script(vector(2)).__call__, methods=["GET", "POST"]),
    ]
    with serve(Starlette(routes=routes)) as served:
        settings = {"LIFTGATE_PROMETHEUS__URL": served.url, "LIFTGATE_WORKER__COMMANDS": COMMANDS}
        folder = tmp_path_factory.mktemp("scene")
        with deployed_world(folder, **settings) as world:
            world.lab.town.urls["jobs"] = f"{served.url}/jobs"
            course = Course(world.lab, world.at)
            course.past("1.4.1")
            yield course


_PATCHES = count(2)


def next_version() -> str:
    """One that was never there before."""
    return f"1.4.{next(_PATCHES)}"


def promoted(course: Course) -> tuple[GatedChange, Entry]:
    change = course.commit(course.begin(course.start("promote", to="dev")))
    return change, course.finish(change)


@pytest.mark.parametrize("name", list(FAILURES))
def test_a_failure_at_each_step_is_reverted_synced_and_verified(scene: Course, name: str) -> None:
    failure, lab = FAILURES[name], scene.lab
    version, checks = failure.version or next_version(), good(lab)
    if failure.step:
        checks[failure.step] |= failure.checks(lab, version)
    committed(lab, checks, version, failure.manifests)
    failure.before(lab)
    change, done = promoted(scene)
    assert done.outcome == "rolled back", done
    assert re.match(r"Rolled back to 1\.4\.1 in \d+ s: ", done.sentence)
    assert failure.words in done.sentence
    assert lab.commits()[0].trailer(REVERTS) == change.id
    assert (lab.version("dev"), lab.serves("dev")) == ("1.4.1", "1.4.1")
    assert in_the_cluster(lab) == ("Synced", "Healthy", lab.commits()[0].sha)
    back, entry = lab.entries("dev")[-2:]
    assert [(one.kind, one.outcome) for one in (back, entry)] == [("rollback", "verified"), ("promote", "rolled back")]
    assert (entry.promotion, entry.version, back.reverts) == (change.id, version, change.id)
    assert failure.words in entry.reason
    assert any(version in one["text"] and "olled back" in one["text"] for one in messages(lab))


def in_the_cluster(lab: Lab) -> tuple[str, ...]:
    status = lab.town.argocd.state.applications["example-app-dev"]["status"]
    return status["sync"]["status"], status["health"]["status"], status["sync"]["revision"]


def test_every_failing_step_is_told_when_several_fail(scene: Course) -> None:
    several = [FAILURES[name] for name in ("served-config", "health-check", "log-check", "metric-check")]
    version, checks = next_version(), good(scene.lab)
    for failure in several:
        checks[failure.step] |= failure.checks(scene.lab, version)
    committed(scene.lab, checks, version)
    _, done = promoted(scene)
    assert done.outcome == "rolled back", done
    assert [failure.words for failure in several if failure.words not in done.sentence] == []


def test_what_is_not_configured_says_so_and_is_no_pass(scene: Course) -> None:
    committed(scene.lab, {}, next_version())
    change, done = promoted(scene)
    assert done.outcome == "promoted", done
    silent = ["health-check", "integration-test", "log-check", "metric-check"]
    said = scene.verdicts(change)
    assert [name for name in STEPS if said[name].state == "not configured"] == silent
    assert [name for name in STEPS if said[name].passed] == ["served-config", "backup-check"]


def test_all_of_them_pass(scene: Course) -> None:
    version = next_version()
    committed(scene.lab, good(scene.lab), version)
    change, done = promoted(scene)
    assert done.outcome == "promoted", done
    assert [name for name, said in scene.verdicts(change).items() if not said.passed] == []
    assert scene.lab.serves("dev") == version
