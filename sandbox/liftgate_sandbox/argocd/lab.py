"""The way in: one Argo CD in a folder, with what an installation needs before anybody uses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette

from liftgate_sandbox.application import run
from liftgate_sandbox.argocd.api.projects import put_project
from liftgate_sandbox.argocd.api.server import server
from liftgate_sandbox.argocd.api.session import role_token
from liftgate_sandbox.argocd.api.sets import webhook_server
from liftgate_sandbox.argocd.cluster.cluster import Cluster
from liftgate_sandbox.argocd.cluster.pods import Program
from liftgate_sandbox.argocd.controller import Controller
from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.repository import Repository
from liftgate_sandbox.argocd.sources import Opener
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings
from liftgate_sandbox.argocd.tokens import issue

_ANYWHERE = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}


class ArgoCD:
    """All that it knows is in `folder`: a new one on the same folder goes on where the old one stopped.

    `clock` gives epoch seconds, `open_repository` what Git holds. Without `start()` nothing happens until
    somebody calls `step()`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        timings: Timings | None = None,
        clock: Callable[[], float] = time.time,
        admin_password: str = "argocd",  # noqa: S107 - a sandbox on this machine
        program: Program = run,
        open_repository: Opener = Repository,
    ) -> None:
        self.state = State(folder, clock)
        self.faults = Faults()
        self.controller = Controller(self.state, timings or Timings(), self.faults, program, open_repository)
        self.state.accounts.setdefault("admin", {})["password"] = admin_password
        if "default" not in self.state.projects:
            self.project("default", _ANYWHERE)

    @property
    def cluster(self) -> Cluster:
        """The cluster that it deploys to."""
        return self.controller.cluster

    def asgi(self) -> Starlette:
        """The REST API, to be served."""
        return server(self.controller)

    def sets_asgi(self) -> Starlette:
        """The webhook of the ApplicationSet controller, to be served on a port of its own."""
        return webhook_server(self.controller)

    def start(self) -> None:
        """Reconcile in a background thread."""
        self.controller.start()

    def stop(self) -> None:
        """Stop reconciling and save."""
        self.controller.stop()

    def step(self) -> float:
        """Do what is due by the clock; when, by the clock, something is due next."""
        return self.controller.step()

    def project(self, name: str, spec: Object | None = None, *, roles: dict[str, list[str]] | None = None) -> None:
        """Create or change a project; `roles` are actions by role, like {"promoter": ["get", "sync"]}."""
        spec = dict(spec or _ANYWHERE)
        if roles:
            spec["roles"] = [_role(name, role, actions) for role, actions in roles.items()]
        with self.state.lock:
            put_project(self.state, name, spec)

    def account(self, name: str, policies: list[str]) -> str:
        """Make an account with policies (`p, bot, applications, get, promo/*, allow`); a token of it."""
        with self.state.lock:
            self.state.accounts[name] = {"policies": policies}
            self.state.next_version()
            return issue(self.state.key, f"{name}:apiKey", self.state.clock())[0]

    def repository(self, prefix: str, username: str, password: str) -> None:
        """The credential for every repository whose URL starts with `prefix`."""
        with self.state.lock:
            self.state.repositories[prefix] = {"username": username, "password": password}
            self.state.next_version()

    def setting(self, name: str, value: str) -> None:
        """A line of `argocd-cm`; what it knows is the health check of Applications, as the documentation has it."""
        with self.state.lock:
            self.state.settings[name] = value
            self.state.next_version()

    def token(self, project: str, role: str) -> str:
        """A token of a project's role that never expires."""
        with self.state.lock:
            return role_token(self.state, project, role)

    def admin_token(self) -> str:
        """A token that may do everything."""
        return issue(self.state.key, "admin:login", self.state.clock())[0]


def _role(project: str, role: str, actions: list[str]) -> Object:
    policies = [f"p, proj:{project}:{role}, applications, {action}, {project}/*, allow" for action in actions]
    policies.append(f"p, proj:{project}:{role}, logs, get, {project}/*, allow")
    return {"name": role, "policies": policies}
