"""Specifications of applications: brought into one form, and checked before they are accepted."""

from __future__ import annotations

import fnmatch

from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.api.errors import DENIED, INVALID, ApiError
from liftgate_sandbox.argocd.applications import blank
from liftgate_sandbox.argocd.kube import Object, copied
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.repository import GitError
from liftgate_sandbox.argocd.sources import sources_of
from liftgate_sandbox.argocd.state import State


def normalized(body: Object) -> Object:
    """A new application from a request: no operation, an empty status, project `default` if none is named."""
    metadata = body.get("metadata") or {}
    spec = {name: value for name, value in copied(body.get("spec") or {}).items() if value is not None}
    if not metadata.get("name"):
        raise ApiError(INVALID, "application name is required")
    spec["project"] = spec.get("project") or "default"
    spec.setdefault("destination", {})
    return blank(metadata, spec)


def check_project(state: State, app: Object) -> None:
    """The project must exist and allow the repository and the destination."""
    name, spec = app["spec"]["project"], app["spec"]
    project = state.projects.get(name)
    if project is None:
        raise ApiError(INVALID, f"application references project {name} which does not exist")
    allowed = project["spec"].get("sourceRepos") or []
    for source in sources_of(spec):
        url = source.get("repoURL", "")
        if not any(fnmatch.fnmatchcase(url, pattern) for pattern in allowed):
            _invalid(app, f"application repo {url} is not permitted in project '{name}'")
    destination = {"server": "", "namespace": ""} | spec["destination"]
    if not any(_permits(one, destination) for one in project["spec"].get("destinations") or []):
        where = f"server '{destination['server']}' and namespace '{destination['namespace']}'"
        wrong = f"application destination {where} do not match any of the allowed destinations"
        _invalid(app, f"{wrong} in project '{name}'")


def _permits(allowed: Object, destination: Object) -> bool:
    return all(fnmatch.fnmatchcase(destination[part], allowed.get(part, "*")) for part in ("server", "namespace"))


def validate(call: Call, app: Object) -> None:
    """Render every source once; 400 with the renderer's text when one does not."""
    sources = call.controller.sources
    every = sources_of(app["spec"])
    for number, source in enumerate(every):
        where = f"Unable to generate manifests in {source.get('path', '')}: rpc error: code ="
        try:
            found_at = [sources.at(app, one, "") for one in range(len(every))]
            sources.manifests(app, number, found_at)
        except (GitError, RenderError) as error:
            _invalid(app, f"{where} {error.code} desc = {error}")


def _invalid(app: Object, problem: str) -> None:
    name = app["metadata"]["name"]
    raise ApiError(INVALID, f"application spec for {name} is invalid: InvalidSpecError: {problem}")


def existing(call: Call, before: Object, app: Object) -> Object:
    """Create one that is there: the same again is fine, another needs `upsert=true`."""
    before = copied(before)
    if before["spec"] == app["spec"]:
        return before
    if call.query("upsert", "false") != "true":
        raise ApiError(INVALID, "existing application spec is different, use upsert flag to force update")
    if not call.may("update", before["spec"]["project"], app["metadata"]["name"]):
        raise ApiError(DENIED, "permission denied")
    before["spec"] = app["spec"]
    call.state.put_application(before)
    return before
