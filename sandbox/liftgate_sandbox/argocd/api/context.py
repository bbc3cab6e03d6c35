"""What every endpoint needs: the reconciler, the caller, and the application a request is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate_sandbox.argocd.access import Caller, caller_of, is_allowed
from liftgate_sandbox.argocd.api.errors import DENIED, INVALID, NOT_FOUND, UNAUTHENTICATED, ApiError
from liftgate_sandbox.argocd.controller import Controller
from liftgate_sandbox.argocd.kube import Object, copied
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.tokens import BadToken, claims_of

Answer = Object | Response
Handler = Callable[["Call"], Answer]


class Call:
    """One request of a known caller, with the body that was read before."""

    def __init__(self, request: Request, controller: Controller, body: bytes = b"") -> None:
        self.request, self.controller, self.raw = request, controller, body
        self.body: Object = {}
        self.caller = Caller("", "", 0)

    @property
    def state(self) -> State:
        """The objects; hold its lock while changing them."""
        return self.controller.state

    @property
    def name(self) -> str:
        """The `{name}` of the path."""
        return str(self.request.path_params["name"])

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query_params.get(name, default)

    def authenticate(self) -> None:
        """Find out who calls; 401 otherwise."""
        header = self.request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ").strip() or self.request.cookies.get("argocd.token", "")
        if not token:
            raise ApiError(UNAUTHENTICATED, "no session information")
        try:
            self.caller = caller_of(claims_of(self.state.key, token, self.state.clock()))
        except BadToken as error:
            raise ApiError(UNAUTHENTICATED, str(error)) from error

    def may(self, action: str, project: str, name: str, resource: str = "applications") -> bool:
        """Whether the caller may do that."""
        return is_allowed(self.state, self.caller, resource, action, f"{project}/{name}")

    def demand(self, action: str, app: Object, resource: str = "applications") -> None:
        """403 with the full text unless the caller may."""
        project, name = app["spec"]["project"], app["metadata"]["name"]
        if not self.may(action, project, name, resource):
            wanted = f"{resource}, {action}, {project}/{name}"
            raise ApiError(DENIED, f"permission denied: {wanted}, {self.caller.described}")

    def application(self, action: str = "get") -> Object:
        """A copy of the application."""
        return copied(self.seen(action))

    def seen(self, action: str = "get") -> Object:
        """The application itself, not for writing; 403 or 404 by whether a project was given, as Argo CD decides it."""
        named = self.request.query_params.getlist("project") + self.request.query_params.getlist("projects")
        if len(named) > 1:
            text = "multiple projects specified - the get endpoint accepts either zero or one project"
            raise ApiError(INVALID, text)
        project = named[0] if named else str(self.body.get("project", ""))
        app = self.state.applications.get(self.name)
        if project and not self.may(action, project, self.name):
            raise ApiError(DENIED, "permission denied")
        if app is None or (project and app["spec"]["project"] != project):
            if project:
                raise ApiError(NOT_FOUND, f'applications.argoproj.io "{self.name}" not found')
            raise ApiError(DENIED, "permission denied")
        if not self.may(action, app["spec"]["project"], self.name):
            raise ApiError(DENIED, "permission denied")
        return app


def sent(answer: Answer) -> Response:
    """An endpoint's answer as a response."""
    return answer if isinstance(answer, Response) else JSONResponse(answer)


def locked(handler: Handler) -> Handler:
    """For endpoints that never wait: nothing changes while they work."""

    @wraps(handler)
    def under_lock(call: Call) -> Answer:
        with call.state.lock:
            return handler(call)

    return under_lock
