"""An Argo CD with a repository for one test: short times, clients with several rights, patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from liftgate_sandbox.argocd import ArgoCD, Timings
from liftgate_sandbox.serve import Served, serve

from sandbox_tests.argocd.repository import Config
from sandbox_tests.plain import NO_CERTIFICATES

CLUSTER = "https://kubernetes.default.svc"
AUTOMATED = {"automated": {"prune": True, "selfHeal": True}}
_PATIENCE = 30.0


class Lab:
    """Everything of one test under `folder`; a context manager that stops what it started.

    The repository is empty, or like the one in the folder `like`.
    """

    def __init__(self, folder: Path, *, timings: Timings | None = None, like: Path | None = None) -> None:
        self.folder = folder
        self.config = Config(folder / "config", like)
        self.url = str(folder / "config")
        self.argocd = ArgoCD(folder / "argocd", timings=timings or Timings.fast(), admin_password="right")
        self.argocd.project("promo", roles={"promoter": ["get", "sync"]})
        self.argocd.start()
        self.served: Served = serve(self.argocd.asgi())
        self.admin = self.client(self.argocd.admin_token())
        self.user = self.client(self.argocd.token("promo", "promoter"))

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        given = {"Content-Type": "application/json"} | headers
        if token:
            given["Authorization"] = f"Bearer {token}"
        return httpx.Client(verify=NO_CERTIFICATES, base_url=self.served.url, headers=given, timeout=_PATIENCE)

    def create(self, name: str, path: str, namespace: str = "", **spec: Any) -> httpx.Response:
        """POST the application; `query` holds parameters, `syncPolicy` and the like go into the spec."""
        query = spec.pop("query", {})
        source = {"repoURL": self.url, "targetRevision": "main", "path": path}
        destination = {"server": CLUSTER, "namespace": namespace or name}
        spec = (
            {"project": "promo", "destination": destination} | ({} if "sources" in spec else {"source": source}) | spec
        )
        body = {"metadata": {"name": name, "namespace": "argocd"}, "spec": spec}
        return self.admin.post("/api/v1/applications", json=body, params=query)

    def path(self, name: str, what: str = "") -> str:
        return f"/api/v1/applications/{name}{what}"

    def get(self, name: str, what: str = "", **query: str) -> httpx.Response:
        return self.user.get(self.path(name, what), params={"project": "promo"} | query)

    def refresh(self, name: str, kind: str = "normal") -> Any:
        return self.get(name, refresh=kind).json()

    def sync(self, name: str, **body: Any) -> httpx.Response:
        return self.user.post(self.path(name, "/sync"), json={"name": name, "project": "promo"} | body)

    def terminate(self, name: str) -> httpx.Response:
        return self.user.delete(self.path(name, "/operation"), params={"project": "promo"})

    def fault(self, name: str, **more: Any) -> None:
        self.admin.post("/sandbox/faults", json={"fault": name} | more).raise_for_status()

    def no_faults(self) -> None:
        self.admin.delete("/sandbox/faults").raise_for_status()

    def until(self, holds: Callable[[], bool]) -> None:
        """Come back as soon as something is true."""
        patience = time.monotonic() + _PATIENCE
        while not holds():
            assert time.monotonic() < patience, "it never came true"
            time.sleep(0.005)

    def wait(self, name: str, holds: Callable[[Any], bool]) -> Any:
        """The application as soon as `holds` is true of it."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            app = self.get(name).json()
            if holds(app):
                return app
            time.sleep(0.02)
        raise AssertionError(f"{name} never got there: {app['status']} {app.get('operation')}")

    def settled(self, name: str, revision: str = "") -> Any:
        """The application when it is Synced and Healthy with no operation, at `revision` if one is given."""
        return self.wait(name, lambda app: is_settled(app) and revision in ("", app["status"]["sync"].get("revision")))

    def done(self, name: str) -> Any:
        """The application when its operation is over and a look at the result has been taken."""
        self.wait(name, lambda app: "operation" not in app and "operationState" in app["status"])
        self.refresh(name)
        return self.get(name).json()

    def restart(self) -> None:
        """A new process would do the same: everything from the folder."""
        self.served.stop()
        self.argocd.stop()
        self.argocd = ArgoCD(self.folder / "argocd", timings=Timings.fast(), admin_password="right")
        self.argocd.start()
        self.served = serve(self.argocd.asgi())
        self.user.base_url = self.admin.base_url = httpx.URL(self.served.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.served.stop()
        self.argocd.stop()


def is_settled(app: Any) -> bool:
    status = app["status"]
    reached = (status["sync"]["status"], status["health"].get("status"))
    return "operation" not in app and reached == ("Synced", "Healthy")


def phase(app: Any) -> str:
    return str((app["status"].get("operationState") or {}).get("phase", ""))
