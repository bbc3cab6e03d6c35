"""ApplicationSets: get, list, create, delete; and the webhook of their controller, which has a port of its own."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liftgate_sandbox.argocd.access import is_allowed
from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import DENIED, INVALID, NOT_FOUND, ApiError
from liftgate_sandbox.argocd.api.webhook import accepted, push_of
from liftgate_sandbox.argocd.controller import Controller
from liftgate_sandbox.argocd.kube import Object, copied

_UNSAID: Object = {"metadata": {}, "spec": {"destination": {}, "project": ""}}


@locked
def get(call: Call) -> Object:
    """`GET /applicationsets/{name}`."""
    return copied(_named(call, "get"))


@locked
def list_all(call: Call) -> Object:
    """`GET /applicationsets`: those that the caller may see."""
    found = [one for _, one in sorted(call.state.sets.items()) if _may(call, "get", one)]
    return {"metadata": {"resourceVersion": str(call.state.version)}, "items": copied(found)}


@locked
def create(call: Call) -> Object:
    """`POST /applicationsets`: with `upsert=true` it changes the one that is there."""
    made = _normalized(call.body)
    name = made["metadata"]["name"]
    before = call.state.sets.get(name)
    _demand(call, "create" if before is None else "update", made)
    if before is None:
        given = {part: made["metadata"][part] for part in ("labels", "annotations") if made["metadata"].get(part)}
        made["metadata"] = call.state.new_metadata(name, "argocd") | given
        return copied(call.controller.sets.put(made | {"status": {}}))
    if call.query("upsert", "false") != "true" and before["spec"] != made["spec"]:
        raise ApiError(INVALID, "existing ApplicationSet spec is different, use upsert flag to force update")
    changed = copied(before) | {"spec": made["spec"]}
    for part in ("labels", "annotations"):
        changed["metadata"][part] = (before["metadata"].get(part) or {}) | (made["metadata"].get(part) or {})
    return copied(call.controller.sets.put(changed))


@locked
def delete(call: Call) -> Object:
    """`DELETE /applicationsets/{name}`: its applications go with it."""
    call.controller.sets.delete(_named(call, "delete")["metadata"]["name"])
    return {}


def _named(call: Call, action: str) -> Object:
    found = call.state.sets.get(call.name)
    if found is None:
        raise ApiError(NOT_FOUND, f'applicationsets.argoproj.io "{call.name}" not found')
    _demand(call, action, found)
    return found


def _demand(call: Call, action: str, made: Object) -> None:
    if not _may(call, action, made):
        wanted = f"applicationsets, {action}, {_scoped(made)}"
        raise ApiError(DENIED, f"permission denied: {wanted}, {call.caller.described}")


def _may(call: Call, action: str, made: Object) -> bool:
    return is_allowed(call.state, call.caller, "applicationsets", action, _scoped(made))


def _scoped(made: Object) -> str:
    return f"{made['spec']['template']['spec'].get('project', '')}/{made['metadata']['name']}"


def _normalized(body: Object) -> Object:
    metadata, spec = body.get("metadata") or {}, copied(body.get("spec") or {})
    if not metadata.get("name"):
        raise ApiError(INVALID, "ApplicationSet name is required")
    if not (spec.get("template") or {}).get("metadata", {}).get("name"):
        raise ApiError(INVALID, "ApplicationSet template has no name")
    for generator in spec.get("generators") or []:
        for found in generator.values():
            if isinstance(found, dict):
                found.setdefault("template", copied(_UNSAID))
    return {"metadata": copied(metadata), "spec": spec}


def webhook_server(controller: Controller) -> Starlette:
    """The port of the ApplicationSet controller: a push makes it look at the sets of that repository."""

    async def answer(request: Request) -> Response:
        if request.headers.get("x-github-event") == "push":
            push = push_of(await request.json())
            with controller.state.lock:
                for name, made in controller.state.sets.items():
                    sources = [each["git"] for each in made["spec"].get("generators") or [] if "git" in each]
                    if any(push.moves(one, str(one.get("revision", ""))) for one in sources):
                        controller.sets.look(name)
        return accepted()

    return Starlette(routes=[Route("/api/webhook", answer, methods=["POST"])])
