"""The repo-server: repositories with their credentials, and rendered manifests with their cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from liftgate.sandbox.argocd.faults import Faults
from liftgate.sandbox.argocd.kube import CLUSTER_SCOPED, HOOK, Key, Object, annotations_of, compact, key_of
from liftgate.sandbox.argocd.render.directory import RenderError
from liftgate.sandbox.argocd.render.manifests import Rendered, render
from liftgate.sandbox.argocd.repository import GitError, Repository
from liftgate.sandbox.argocd.state import State

Opener = Callable[[str, Path, str, str], Repository]
"""A repository from its address, a folder for its mirror, user name and password."""

_TRIES_BEFORE_PAUSE = 3
_REMEMBERED = 100


class LoadError(Exception):
    """The target state cannot be had; `str()` is the text of the ComparisonError."""


@dataclass
class Targets:
    """What should be in the cluster: by key, and the hooks; one revision and type for each source."""

    revisions: list[str]
    error: str = ""
    types: list[str] = field(default_factory=list)
    objects: dict[Key, Object] = field(default_factory=dict)
    hooks: list[Object] = field(default_factory=list)


def sources_of(spec: Object) -> list[Object]:
    """The sources of an application, one or several."""
    return list(spec.get("sources") or [spec.get("source") or {}])


class Sources:
    """Looks things up in Git and renders; every method may take the time that git takes."""

    def __init__(self, state: State, faults: Faults, open_repository: Opener = Repository) -> None:
        self._state, self._faults, self._open = state, faults, open_repository
        self._repositories: dict[tuple[str, str, str], Repository] = {}
        self._rendered: dict[tuple[str, ...], Rendered] = {}
        self._failures: dict[tuple[str, ...], tuple[int, RenderError]] = {}

    def repository(self, url: str, application: str = "") -> Repository:
        """The repository at `url`, with the credential of the longest URL that it starts with."""
        if self._faults.take("repo-server-down", application):
            refused = "dial tcp 127.0.0.1:8081: connect: connection refused"
            problem = f'connection error: desc = "transport: Error while dialing: {refused}"'
            raise GitError(problem, "Unavailable")
        if self._faults.take("git-unavailable", application):
            asked = f'"{url}/info/refs?service=git-upload-pack"'
            problem = f"unexpected client error: unexpected requesting {asked} status code: 503"
            raise GitError(f"failed to list refs: {problem}")
        known = [prefix for prefix in self._state.repositories if url.startswith(prefix)]
        credential = self._state.repositories[max(known, key=len)] if known else {}
        key = (url, credential.get("username", ""), credential.get("password", ""))
        if key not in self._repositories:
            folder = self._state.folder / "mirrors" / hashlib.sha256(url.encode()).hexdigest()[:16]
            self._repositories[key] = self._open(url, folder, key[1], key[2])
        return self._repositories[key]

    def resolve(self, source: Object, revision: str, application: str, max_age: float = 0.0) -> str:
        """The SHA of a revision (`""`: the source's own); GitError has the text of `POST sync`."""
        repository = self.repository(source["repoURL"], application)
        return repository.resolve(revision or source.get("targetRevision", ""), self._state.clock(), max_age)

    def manifests(self, app: Object, source: Object, revision: str) -> Rendered:
        """The manifests of a source at a SHA; RenderError or GitError says why not."""
        name = app["metadata"]["name"]
        namespace = app["spec"]["destination"].get("namespace", "")
        repository = self.repository(source["repoURL"], name)
        files = repository.files(revision)
        key = (repository.commit(revision), json.dumps(source, sort_keys=True), name, namespace)
        found = self._rendered.get(key)
        if found is None:
            found = self._render(key, lambda: render(files, source, name, namespace))
            self._rendered = dict([*list(self._rendered.items())[1 - _REMEMBERED :], (key, found)])
        return found

    def forget(self) -> None:
        """Drop every rendered manifest and remembered failure, as a hard refresh does."""
        self._rendered = {}
        self._failures.clear()

    def targets(self, app: Object, revisions: list[str], max_age: float = 0.0) -> Targets:
        """The target state of an application at `revisions` ([]: where its sources point), or its error."""
        sources = sources_of(app["spec"])
        found = Targets([str(one.get("targetRevision", "")) for one in sources])
        resolved = []
        try:
            for number, source in enumerate(sources):
                revision = revisions[number] if number < len(revisions) else ""
                where = f"source {number + 1} of {len(sources)}"
                resolved.append(self._add(found, app, source, (revision, where, max_age)))
        except LoadError as error:
            return Targets(found.revisions, f"Failed to load target state: {error}")
        found.revisions = resolved
        return found

    def _add(self, found: Targets, app: Object, source: Object, at: tuple[str, str, float]) -> str:
        revision, where, max_age = at
        name = app["metadata"]["name"]
        try:
            sha = self.resolve(source, revision, name, max_age)
            sha = self.repository(source["repoURL"], name).commit(sha)
            rendered = self.manifests(app, source, sha)
        except (GitError, RenderError) as error:
            raise LoadError(_failed(where, error.code, str(error))) from error
        for manifest in rendered.manifests:
            if not manifest.get("kind"):
                missing = f"Object 'Kind' is missing in '{compact(manifest)}'"
                raise LoadError(f"failed to unmarshal manifests for {where}: {missing}")
            _place(found, manifest, app["spec"]["destination"].get("namespace", ""))
        found.types.append(rendered.source_type)
        return sha

    def _render(self, key: tuple[str, ...], work: Callable[[], Rendered]) -> Rendered:
        tries, problem = self._failures.get(key, (0, None))
        if problem is not None and tries >= _TRIES_BEFORE_PAUSE:
            code = f"rpc error: code = {problem.code} desc = " if problem.code != "Unknown" else ""
            raise RenderError(f"Manifest generation error (cached): {code}{problem}")
        try:
            return work()
        except RenderError as error:
            self._failures[key] = (tries + 1, error)
            raise


def _failed(where: str, code: str, text: str) -> str:
    return f"failed to generate manifest for {where}: rpc error: code = {code} desc = {text}"


def _place(found: Targets, manifest: Object, namespace: str) -> None:
    placed = json.loads(json.dumps(manifest))
    if placed["kind"] not in CLUSTER_SCOPED:
        placed["metadata"].setdefault("namespace", namespace)
    if HOOK in annotations_of(placed):
        found.hooks.append(placed)
    else:
        found.objects[key_of(placed)] = placed
