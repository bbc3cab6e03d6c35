"""Ways in which a change breaks dev; a different verification step finds each one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.common.value import Json

ILL, WRONG = "1.5.0", "1.4.9"
"""Without a database, the sandbox's application is unhealthy from version 1.5.0 on. Tests and logs reject 1.4.9."""
_MANIFEST = "manifests/deployment.yaml"
_PROBE = {"httpGet": {"path": "/healthz", "port": 8080}}


@dataclass(frozen=True)
class Way:
    """The change sets `version`; `checks` are additional checks of the application."""

    step: str
    version: str
    checks: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    probed: bool = False


def ways(jobs: str) -> list[Way]:
    """`jobs` is the address of `test_jobs`."""
    job = {"start": f"{jobs}/start", "status": f"{jobs}/{{version}}"}
    return [
        Way("the wait for Argo CD (Degraded)", ILL, probed=True),
        Way("`health-check` (the application reports it)", ILL),
        Way("`integration-test` (a job behind HTTP)", WRONG, {"integration-test": {"http": job}}),
        Way("`log-check` (a forbidden line)", WRONG, {"log-check": {"must-not": [_line()]}}, ("log-check",)),
    ]


def _line() -> str:
    return "ready, version " + WRONG.replace(".", r"\.")


def test_jobs() -> Starlette:
    """A job for each version; the job of WRONG fails."""

    async def answer(request: Request) -> JSONResponse:
        if request.method == "POST":
            return JSONResponse({"id": "1"}, 201)
        return JSONResponse({"state": "failed" if request.path_params["version"] == WRONG else "passed"})

    return Starlette(routes=[Route("/{version}", answer, methods=["GET", "POST"])])


def prepare(world: World, way: Way) -> None:
    """Commit a configuration that makes the next changes fail in this way, and undo that of the other ways."""
    head = world.at.git.fetch()

    def text(path: str) -> str:
        file = world.at.git.file(head, path)
        return (file.data if file else b"").decode()

    written: dict[str, Any] = json.loads(text("liftgate.json"))
    _configure(written, way)
    manifest = _manifest(text(_MANIFEST), probed=way.probed)
    files = {"liftgate.json": json.dumps(written, indent=2).encode(), _MANIFEST: manifest.encode()}
    world.repository.commit("ada", files, f"To be found by {way.step}")


def _configure(written: dict[str, Any], way: Way) -> None:
    checks = written["applications"][APPLICATION]["checks"]
    kept = {"health-check": checks["health-check"], "integration-test": {"run": "smoke"}}
    written["applications"][APPLICATION]["checks"] = kept | dict(way.checks)
    stage = next(one for one in written["pipeline"]["stages"] if one["name"] == "verify")
    stage["steps"] = [*(one for one in stage["steps"] if one != "log-check"), *way.steps]


def _manifest(text: str, *, probed: bool) -> str:
    """The manifest with a probe that an unhealthy pod fails, and one second until Degraded; or without both."""
    made = yaml.safe_load(text)
    spec = made["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    for where, name, value in ((spec, "progressDeadlineSeconds", 1), (container, "readinessProbe", _PROBE)):
        where.pop(name, None)
        where.update({name: value} if probed else {})
    return yaml.safe_dump(made, sort_keys=False)
