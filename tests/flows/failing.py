"""Releases that fail at one verification step each, and the words in which that is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from liftgate.integrations.ledger.git_branch import REF
from tests.examples import NOW, SEED, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import DEPLOYMENT, Lab, configured

STEPS = ["served-config", "health-check", "integration-test", "log-check", "metric-check", "backup-check"]
SUITE = '<testcase classname="Cart" name="adds"><failure message="2 is not 3"/></testcase>'
SMOKE = f"""
import os, pathlib, sys
print("tested", os.environ["LIFTGATE_VERSION"])
if os.environ["LIFTGATE_VERSION"] != "1.4.1" and "bad" in sys.argv:
    pathlib.Path(os.environ["LIFTGATE_JUNIT"]).write_text({SUITE!r})
"""
COMMANDS = json.dumps({"smoke": [sys.executable, "-c", SMOKE], "bad": [sys.executable, "-c", SMOKE, "bad"]})
PROBE = "image: example-app\n          readinessProbe: {httpGet: {path: /healthz, port: 8080}}"
HOOK = """---
apiVersion: batch/v1
kind: Job
metadata:
  name: integration-test
  annotations: {argocd.argoproj.io/hook: PostSync}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: test, image: example-app}]
      volumes: [{name: config, configMap: {name: environment-config}}]
"""


@dataclass(frozen=True)
class Failure:
    """What makes a release fail: `checks` of a step, or what the world is made of; `words` are said of it."""

    words: str
    step: str = ""
    checks: Callable[[Lab, str], dict[str, Any]] = lambda _lab, _version: {}
    version: str = ""
    """A version of its own; the application needs a database from 1.5.0 on, and has none."""
    manifests: str = DEPLOYMENT
    before: Callable[[Lab], None] = lambda _lab: None


def _sync_fails(lab: Lab) -> None:
    fault = {"fault": "sync-fails", "application": "example-app-dev", "message": "quota exceeded", "times": 1}
    lab.town.argocd.faults.add(fault)


def tamper(lab: Lab) -> None:
    """Somebody who may push writes another copy to the ledger's branch."""
    mirror = lab.mirror("somebody", "ada")
    mirror.fetch()
    tip = mirror.resolve(REF)
    sha = mirror.write(tip, {"verified/example-app/dev/values.json": b"{}\n"}, "by hand\n", NOW, AUTHOR, None)
    assert mirror.push(sha, REF, tip) == "pushed"


def _elsewhere(lab: Lab, _: str) -> dict[str, Any]:
    return {"http": f"{lab.town.urls['app-staging']}/config", "within": 0}


def _job(lab: Lab, _: str) -> dict[str, Any]:
    jobs = lab.town.urls["jobs"]
    return {"run": "", "http": {"start": f"{jobs}/start", "status": f"{jobs}/{{version}}"}}


def _line(_: Lab, version: str) -> dict[str, Any]:
    return {"must-not": [f"ready, version {version}".replace(".", r"\.")]}


DEADLINE = DEPLOYMENT.replace("progressDeadlineSeconds: 120", "progressDeadlineSeconds: 1")
FAILURES = {
    "synced": Failure("quota exceeded", before=_sync_fails),
    "synced-degraded": Failure(
        "exceeded its progress deadline: pod example-app-",
        version="1.5.0",
        manifests=DEADLINE.replace("image: example-app", PROBE),
    ),
    "synced-hook": Failure("Job has reached the specified backoff limit", version="1.5.1", manifests=DEPLOYMENT + HOOK),
    "served-config": Failure("served configuration: the application serves", "served-config", _elsewhere),
    "health-check": Failure('not "1.4.1"', "health-check", lambda *_: {"pointer": "/version", "equals": "1.4.1"}),
    "integration-test": Failure("test bad: 1 of 1 failed: Cart.adds", "integration-test", lambda *_: {"run": "bad"}),
    "integration-test-job": Failure("integration test: the job failed: 2 of 9 carts", "integration-test", _job),
    "log-check": Failure("log: INFO ready, version", "log-check", _line),
    "metric-check": Failure("is 2, more than 1", "metric-check", lambda *_: {"max": 1}),
    "backup-check": Failure("backup: the copy of the verified values of example-app in dev", before=tamper),
}
"""By the step that fails; `synced` is the wait for Argo CD."""


def good(lab: Lab) -> dict[str, Any]:
    """Checks that every version of the application passes."""
    dev = lab.town.urls["app-dev"]
    return {
        "served-config": {"http": f"{dev}/config"},
        "health-check": {"http": f"{dev}/healthz", "within": 1},
        "integration-test": {"run": "smoke"},
        "log-check": {"must": ["ready, version {version}$"], "must-not": ["ERROR"]},
        "metric-check": {"query": "errors", "max": 2, "within": 0},
    }


def committed(lab: Lab, checks: dict[str, Any], version: str, manifests: str = DEPLOYMENT) -> None:
    """The release in the base, with these checks and all steps that verify; nothing goes on from dev by itself."""
    stages = [*SEED["pipeline"]["stages"], {"name": "verify", "steps": STEPS}]
    own = {"applications": {"example-app": {"checks": checks}}, "pipeline": {"stages": stages}}
    files: dict[str, bytes | None] = {
        "liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}, **own)),
        "configs/base/values.json": text(values("base", version)),
        "manifests/deployment.yaml": manifests.encode(),
    }
    lab.commit(files)


async def job(request: Request) -> JSONResponse:
    """A test job that 1.4.1 passes."""
    if request.method == "POST":
        return JSONResponse({"id": "1"}, 201)
    good = request.url.path.endswith("/1.4.1")
    return JSONResponse({"state": "passed" if good else "failed", "message": "" if good else "2 of 9 carts"})
