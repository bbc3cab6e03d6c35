"""`POST /api/webhook`: a GitHub push makes the controller look at the applications of that repository."""

from __future__ import annotations

import json
import re
from posixpath import join, normpath
from typing import NamedTuple

from starlette.responses import Response

from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.api.errors import text
from liftgate_sandbox.argocd.kube import HYDRATE, REFRESH, Object, annotations_of
from liftgate_sandbox.argocd.sources import sources_of

_PATHS = "argocd.argoproj.io/manifest-generate-paths"


class Push(NamedTuple):
    """The addresses of a repository, the branch that moved, whether it is the default one, the changed files."""

    urls: set[str]
    branch: str
    default: bool
    changed: list[str]

    def moves(self, source: Object, revision: str) -> bool:
        """Whether what a source names has moved; no `revision` is the default branch."""
        moved = self.default if revision in ("", "HEAD") else revision == self.branch
        return moved and _plain(source["repoURL"]) in self.urls


def webhook(call: Call) -> Response:
    """Answered before anything happens; needs no token."""
    event = call.request.headers.get("x-github-event", "")
    if not event:
        return text("Unknown webhook event", 400)
    try:
        payload = json.loads(call.raw)
    except ValueError:
        payload = None
    if not isinstance(payload, dict) or event not in ("push", "ping"):
        return text("Webhook processing failed", 400)
    if event == "push":
        _push(call, push_of(payload))
    return accepted()


def accepted() -> Response:
    """200 without anything more."""
    response = Response(status_code=200)
    del response.headers["content-length"]
    return response


def push_of(payload: Object) -> Push:
    """What a GitHub push says."""
    repository = payload.get("repository") or {}
    urls = {_plain(str(repository[name])) for name in ("html_url", "clone_url", "ssh_url") if repository.get(name)}
    branch = str(payload.get("ref", "")).removeprefix("refs/heads/")
    return Push(urls, branch, branch == repository.get("default_branch"), _changed(payload.get("commits") or []))


def _push(call: Call, push: Push) -> None:
    with call.state.lock:
        for name in list(call.state.applications):
            app = call.state.application(name)
            sources = [one for one in sources_of(app["spec"]) if push.moves(one, one.get("targetRevision", ""))]
            if any(_concerns(app, source, push.changed) for source in sources):
                app["metadata"].setdefault("annotations", {}).update({HYDRATE: "normal", REFRESH: "normal"})
                call.state.put_application(app)


def _changed(commits: list[Object]) -> list[str]:
    return [file for one in commits for name in ("added", "modified", "removed") for file in one.get(name) or []]


def _concerns(app: Object, source: Object, changed: list[str]) -> bool:
    """Whether a changed file lies in the paths that the application names: from the root, or from its own path."""
    named = [one.strip() for one in annotations_of(app).get(_PATHS, "").split(";") if one.strip()]
    if not (named and changed):
        return True
    own = source.get("path", "")
    paths = [normpath(one.lstrip("/") if one.startswith("/") else join(own, one)) for one in named]
    return any(file == path or file.startswith(f"{path}/") for file in changed for path in paths)


def _plain(url: str) -> str:
    return re.sub(r"^(https?|ssh)://([^@/]*@)?|\.git/?$|/$", "", url)
