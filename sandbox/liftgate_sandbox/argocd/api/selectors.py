"""Which applications a list or a stream is about."""

from __future__ import annotations

import re

from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.kube import Object


def selected(call: Call) -> list[Object]:
    """The applications that the query names and the caller may see, by name; not for writing."""
    apps = [app for _, app in sorted(call.state.applications.items())]
    return [app for app in apps if is_selected(call, app)]


def is_selected(call: Call, app: Object) -> bool:
    """Whether `projects`, `name`, `repo` and `selector` fit, and the caller may get it."""
    metadata, spec = app["metadata"], app["spec"]
    query = call.request.query_params
    projects = query.getlist("projects") + query.getlist("project")
    fits = (
        (not projects or spec["project"] in projects)
        and query.get("name", metadata["name"]) in ("", metadata["name"])
        and query.get("repo", "") in ("", (spec.get("source") or {}).get("repoURL", ""))
        and _matches(query.get("selector", ""), metadata.get("labels") or {})
    )
    return fits and call.may("get", spec["project"], metadata["name"])


def _matches(selector: str, labels: dict[str, str]) -> bool:
    return all(_holds(part, labels) for part in re.split(r",(?![^()]*\))", selector) if part.strip())


def _holds(part: str, labels: dict[str, str]) -> bool:
    found = re.fullmatch(r"\s*([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)\s*", part)
    if found:
        values = [value.strip() for value in found[3].split(",")]
        return (labels.get(found[1]) in values) == (found[2] == "in")
    found = re.fullmatch(r"\s*([\w./-]+)\s*(!=|==|=)\s*([\w./-]*)\s*", part)
    if found:
        return (labels.get(found[1]) == found[3]) == (found[2] != "!=")
    name = part.strip()
    return name[1:] not in labels if name.startswith("!") else name in labels
