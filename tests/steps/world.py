"""What verification steps are tried on: an application that answers as told, an Argo CD, and a context for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from liftgate_sandbox.serve import serve
from sandbox_tests.argocd.lab import Lab
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liftgate.integrations import probe
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.steps.context import Context, StepCapabilities


class Script:
    """Answers what it is told to, one after the other, the last one for ever; keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.bodies: list[bytes] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        self.bodies.append(await request.body())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(*answers: Response, path: str = "/{any:path}") -> Iterator[str]:
    """The address of an application with that script."""
    with serving_all({path: Script(*answers)}) as url:
        yield url


@contextmanager
def serving_all(scripts: dict[str, Script]) -> Iterator[str]:
    routes = [Route(path, script.__call__, methods=["GET", "POST"]) for path, script in scripts.items()]
    with serve(Starlette(routes=routes)) as served:
        yield served.url


def context(data: bytes = b"", capabilities: StepCapabilities | None = None, **settings: Any) -> Context:
    """Of `example-app` in prod, which Argo CD calls `prod`."""
    return Context(
        application="example-app", environment="prod", path="configs/prod/values.json", data=data, version="1.4.2",
        revision="a" * 40, deployed_as=("prod",), settings=settings,
        capabilities=capabilities or StepCapabilities(get=probe.get, post=probe.post),
    )  # fmt: skip


def reads(lab: Lab) -> ArgoCDReads:
    """With the role's token: it may look, sync and read logs."""
    return ArgoCDReads(lab.served.url, lab.argocd.token("promo", "promoter"), "promo")


def since(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def vector(*values: float, **labels: str) -> Response:
    """Prometheus' answer to an instant query."""
    result = [{"metric": labels | {"n": str(at)}, "value": [0, str(each)]} for at, each in enumerate(values)]
    return JSONResponse({"status": "success", "data": {"resultType": "vector", "result": result}})


def values_of(lab: Lab, name: str = "prod") -> bytes:
    """The values file as it was committed."""
    return (lab.config.folder / f"configs/{name}/values.json").read_bytes()


def drift(lab: Lab, name: str, patch: dict[str, Any] | None = None) -> None:
    """Somebody changes (or, without a patch, deletes) the live ConfigMap by hand."""
    body: dict[str, Any] = {"kind": "ConfigMap", "namespace": "prod", "name": name}
    body |= {"patch": patch} if patch else {"delete": True}
    lab.admin.post("/sandbox/drift", json=body).raise_for_status()


class Hurried(SystemClock):
    """Real time with short pauses: what is waited for comes from a server that is quick."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.02))
