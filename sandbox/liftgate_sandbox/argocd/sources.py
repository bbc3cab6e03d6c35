"""The repo-server: repositories with their credentials, and rendered manifests with their cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.kube import CLUSTER_SCOPED, HOOK, Key, Object, annotations_of, compact, key_of
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.render.manifests import Rendered, render
from liftgate_sandbox.argocd.repository import GitError, Repository
from liftgate_sandbox.argocd.state import State

Opener = Callable[[str, Path, str, str], Repository]
"""A repository from its address, a folder for its mirror, user name and password."""

_TRIES_BEFORE_PAUSE = 3
_REMEMBERED = 100


class At(NamedTuple):
    """The revision of a source as it was asked for, and its commit."""

    asked: str
    sha: str


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
            self._repositories[key] = self._open(url, self.mirror(url), key[1], key[2])
        return self._repositories[key]

    def mirror(self, url: str) -> Path:
        """Where what was fetched from `url` is."""
        return self._state.folder / "mirrors" / hashlib.sha256(url.encode()).hexdigest()[:16]

    def resolve(self, source: Object, revision: str, application: str, max_age: float = 0.0) -> str:
        """The SHA of a revision (`""`: the source's own); GitError has the text of `POST sync`."""
        repository = self.repository(source["repoURL"], application)
        return repository.resolve(revision or source.get("targetRevision", ""), self._state.clock(), max_age)

    def at(self, app: Object, number: int, revision: str, max_age: float = 0.0) -> At:
        """The commit of one source of an application, which the mirror has afterwards; `""`: where it points."""
        source, name = sources_of(app["spec"])[number], app["metadata"]["name"]
        sha = self.resolve(source, revision, name, max_age)
        return At(
            revision or str(source.get("targetRevision", "")), self.repository(source["repoURL"], name).commit(sha)
        )

    def manifests(self, app: Object, number: int, found_at: list[At]) -> Rendered:
        """The manifests of one source, all being at those commits; RenderError or GitError says why not."""
        name, source = app["metadata"]["name"], sources_of(app["spec"])[number]
        namespace = app["spec"]["destination"].get("namespace", "")
        files = self.repository(source["repoURL"], name).files(found_at[number].sha)
        references = self._references(app, number, found_at)
        shas = json.dumps([found_at[number].sha, *sorted(found_at[one].sha for one in references.values())])
        key = (shas, json.dumps(source, sort_keys=True), name, namespace)
        found = self._rendered.get(key)
        if found is None:
            sources = sources_of(app["spec"])
            given = {
                ref: self.repository(sources[one]["repoURL"], name).files(found_at[one].sha)
                for ref, one in references.items()
            }
            found = self._render(key, lambda: render(files, source, name, namespace, given))
            self._rendered = dict([*list(self._rendered.items())[1 - _REMEMBERED :], (key, found)])
        return found

    def _references(self, app: Object, number: int, found_at: list[At]) -> dict[str, int]:
        """The numbers of the sources whose files the values files of this one name, by their `ref`."""
        sources = sources_of(app["spec"])
        source, own = sources[number], found_at[number]
        named = {str(file).partition("/")[0] for file in (source.get("helm") or {}).get("valueFiles") or []}
        found = {str(one["ref"]): place for place, one in enumerate(sources) if f"${one.get('ref')}" in named}
        for ref, place in found.items():
            other = found_at[place]
            if sources[place]["repoURL"] == source["repoURL"] and other.sha != own.sha:
                there = f'${ref} references "{other.asked}" which resolves to "{other.sha}"'
                here = f'the application references "{own.asked}" which resolves to "{own.sha}"'
                raise GitError(f"cannot reference a different revision of the same repository ({there} while {here})")
        return found

    def forget(self) -> None:
        """Drop every rendered manifest and remembered failure, as a hard refresh does."""
        self._rendered = {}
        self._failures.clear()

    def targets(self, app: Object, revisions: list[str], max_age: float = 0.0) -> Targets:
        """The target state of an application at `revisions` ([]: where its sources point), or its error."""
        sources = sources_of(app["spec"])
        found = Targets([str(one.get("targetRevision", "")) for one in sources])
        asked = [*revisions, *[""] * (len(sources) - len(revisions))]
        where = [f"source {number + 1} of {len(sources)}" for number in range(len(sources))]
        found_at: list[At] = []
        try:
            for number, revision in enumerate(asked):
                with _telling(where[number]):
                    found_at.append(self.at(app, number, revision, max_age))
            for number in range(len(sources)):
                with _telling(where[number]):
                    rendered = self.manifests(app, number, found_at)
                self._add(found, app, rendered, where[number])
        except LoadError as error:
            return Targets(found.revisions, f"Failed to load target state: {error}")
        found.revisions = [one.sha for one in found_at]
        return found

    def _add(self, found: Targets, app: Object, rendered: Rendered, where: str) -> None:
        for manifest in rendered.manifests:
            if not manifest.get("kind"):
                missing = f"Object 'Kind' is missing in '{compact(manifest)}'"
                raise LoadError(f"failed to unmarshal manifests for {where}: {missing}")
            _place(found, manifest, app["spec"]["destination"].get("namespace", ""))
        found.types.append(rendered.source_type)

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


@contextmanager
def _telling(where: str) -> Iterator[None]:
    """Say which source it was."""
    try:
        yield
    except (GitError, RenderError) as error:
        failed = f"failed to generate manifest for {where}: rpc error: code = {error.code} desc = {error}"
        raise LoadError(failed) from error


def _place(found: Targets, manifest: Object, namespace: str) -> None:
    placed = json.loads(json.dumps(manifest))
    if placed["kind"] not in CLUSTER_SCOPED:
        placed["metadata"].setdefault("namespace", namespace)
    if HOOK in annotations_of(placed):
        found.hooks.append(placed)
    else:
        found.objects[key_of(placed)] = placed
