"""Rules about ApplicationSets: what their generator reads, and what they delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.seen import App, Seen
from liftgate.domain.manifests.text import Keys


def files_generator(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001  every rule gets both
    for keys, git in _git_generators(one):
        if git.get("files"):
            yield _finding(
                one,
                (*keys, "files"),
                "files-generator",
                "the files generator reads the values: one unreadable file stops the whole set, a list gives "
                "several Applications with one name, and its keys become the template's parameters",
                "Write directories: [{path: configs/*}], which reads only the folders.",
            )


def _git_generators(one: App) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """All generators, also those inside a matrix or a merge."""
    if one.is_generated:
        yield from _git_in(one.manifest.at("spec").get("generators"), ("spec", "generators"))


def _git_in(generators: Any, keys: Keys) -> Iterator[tuple[Keys, dict[str, Any]]]:
    for at, each in enumerate(generators if isinstance(generators, list) else ()):
        for name, inner in each.items() if isinstance(each, dict) else ():
            if name == "git" and isinstance(inner, dict):
                yield (*keys, at, "git"), inner
            if name in ("matrix", "merge") and isinstance(inner, dict):
                yield from _git_in(inner.get("generators"), (*keys, at, name, "generators"))


def deletion(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001
    if one.is_generated and not one.manifest.at("spec", "syncPolicy").get("preserveResourcesOnDeletion"):
        yield _finding(
            one,
            ("spec", "syncPolicy"),
            "set-deletion",
            "if a folder is removed or renamed, or the set is deleted, Argo CD deletes what runs there",
            "Write syncPolicy: {preserveResourcesOnDeletion: true}.",
        )


def missing_key(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001
    spec = one.manifest.at("spec")
    if one.is_generated and spec.get("goTemplate") and "missingkey=error" not in str(spec.get("goTemplateOptions")):
        message = 'a parameter that does not exist becomes "<no value>" in names and paths'
        fix = 'Write goTemplateOptions: ["missingkey=error"].'
        yield _finding(one, ("spec", "goTemplate"), "missing-key", message, fix)


def _finding(one: App, keys: Keys, rule: str, message: str, fix: str) -> Finding:
    return Finding(place=one.manifest.place(*keys), rule=rule, message=message, fix=fix, blocking=False)
