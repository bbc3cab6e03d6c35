"""Projects, and what the server says about itself."""

from __future__ import annotations

from liftgate_sandbox.argocd.access import is_allowed
from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import DENIED, INVALID, NOT_FOUND, ApiError
from liftgate_sandbox.argocd.kube import Object, copied
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.windows import active

VERSION = "v3.5.1"


def version(_: Call) -> Object:
    """`GET /api/version`."""
    return {"Version": VERSION}


def settings(_: Call) -> Object:
    """`GET /settings`: what anybody may know."""
    return {
        "url": "https://argocd.example.com",
        "appLabelKey": "app.kubernetes.io/instance",
        "googleAnalytics": {"anonymizeUsers": True},
        "kustomizeOptions": {"BuildOptions": "", "BinaryPath": "", "Versions": None},
        "help": {},
        "trackingMethod": "annotation",
        "syncWithReplaceAllowed": True,
    }


@locked
def get(call: Call) -> Object:
    """`GET /projects/{name}`; a role may read its own project."""
    own = call.caller.username.startswith(f"proj:{call.name}:")
    if not own:
        _demand(call, "get")
    return copied(_project(call))


@locked
def create(call: Call) -> Object:
    """`POST /projects`."""
    project = call.body.get("project") or {}
    name = (project.get("metadata") or {}).get("name", "")
    if not is_allowed(call.state, call.caller, "projects", "create", name):
        raise ApiError(DENIED, f"permission denied: projects, create, {name}, {call.caller.described}")
    before = call.state.projects.get(name)
    if before and not call.body.get("upsert") and before["spec"] != project.get("spec", {}):
        raise ApiError(INVALID, "existing project spec is different, use upsert flag to force update")
    return copied(put_project(call.state, name, project.get("spec") or {}))


@locked
def put(call: Call) -> Object:
    """`PUT /projects/{name}`."""
    _demand(call, "update")
    _project(call)
    return copied(put_project(call.state, call.name, (call.body.get("project") or {}).get("spec") or {}))


@locked
def sync_windows(call: Call) -> Object:
    """`GET /projects/{name}/syncwindows`: the open ones only."""
    _demand(call, "get")
    windows = active(_project(call)["spec"].get("syncWindows") or [], call.state.clock())
    return {"windows": windows} if windows else {}


def put_project(state: State, name: str, spec: Object) -> Object:
    """Create a project, or give it a new specification; the tokens of its roles stay."""
    before = state.projects.get(name)
    roles = {role["name"]: role for role in (before or {"spec": {}})["spec"].get("roles") or []}
    spec = copied(spec)
    for role in spec.get("roles") or []:
        tokens = roles.get(role["name"], {}).get("jwtTokens")
        if tokens and not role.get("jwtTokens"):
            role["jwtTokens"] = tokens
    if before is None:
        project: Object = {"metadata": state.new_metadata(name, "argocd"), "spec": spec, "status": {}}
        state.projects[name] = project
        return project
    before["spec"] = spec
    before["metadata"] |= {
        "resourceVersion": state.next_version(),
        "generation": before["metadata"]["generation"] + 1,
    }
    return before


def _project(call: Call) -> Object:
    project = call.state.projects.get(call.name)
    if project is None:
        raise ApiError(NOT_FOUND, f'appprojects.argoproj.io "{call.name}" not found')
    return project


def _demand(call: Call, action: str) -> None:
    if not is_allowed(call.state, call.caller, "projects", action, call.name):
        raise ApiError(DENIED, f"permission denied: projects, {action}, {call.name}, {call.caller.described}")
