"""Rules about kustomizations: what happens to the ConfigMap with the values."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.files import KUSTOMIZATIONS
from liftgate.domain.manifests.seen import App, Seen
from liftgate.domain.manifests.text import Manifest

_IGNORE, _KEEP, _LAST = "IgnoreExtraneous", "Prune=false", "PruneLast=true"


def leftovers(one: App, seen: Seen) -> Iterator[Finding]:
    """Every change of a generated ConfigMap leaves the previous one; annotations tell Argo CD what to do with it."""
    policy = one.at("syncPolicy")
    prunes = bool(one.at("syncPolicy", "automated").get("prune"))
    last = _LAST in (policy.get("syncOptions") or ())
    for _, _, folder in one.folders(seen):
        for kustomization in _kustomizations(folder, seen):
            yield from _left_over(kustomization, prunes=prunes, last=last)


def _left_over(kustomization: Manifest, *, prunes: bool, last: bool) -> Iterator[Finding]:
    for place, options in _generators(kustomization):
        said = str(options.get("annotations"))
        kept = not prunes or _KEEP in said
        if kept and _IGNORE not in said:
            message = "the ConfigMaps of earlier values keep the Application OutOfSync forever: no sync ends"
            yield Finding(place=place, rule="leftovers", message=message, fix=_ANNOTATE)
        elif _KEEP in said:
            message = "every change leaves one more ConfigMap in the cluster forever"
            yield Finding(place=place, rule="leftovers", message=message, fix=_ANNOTATE, blocking=False)
        elif not kept and not last and _LAST not in said:
            message = "the previous values are deleted while pods still use them, and a rollback must create them again"
            yield Finding(place=place, rule="leftovers", message=message, fix=_ANNOTATE, blocking=False)


def _generators(kustomization: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place and options of each generator that makes a new ConfigMap with every change."""
    written = kustomization.value.get("configMapGenerator")
    for at, each in enumerate(written if isinstance(written, list) else ()):
        own = each.get("options") if isinstance(each, dict) else None
        options = kustomization.at("generatorOptions") | (own if isinstance(own, dict) else {})
        if not options.get("disableNameSuffixHash"):
            yield kustomization.place("configMapGenerator", at), options


_ANNOTATE = (
    "Write generatorOptions: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous, "
    "argocd.argoproj.io/sync-options: PruneLast=true}}."
)


def unused_values(one: App, seen: Seen) -> Iterator[Finding]:
    """A kustomization that does not name the values beside it: a promotion would change nothing."""
    folders = {folder for _, _, folder in one.folders(seen)}
    for place in seen.places:
        names = ", ".join(place.names)
        for kustomization in _kustomizations(place.folder, seen) if place.folder in folders else ():
            text = str(kustomization.value)
            unused = [
                n for n, path in zip(place.names, place.files, strict=True) if path in seen.files and n not in text
            ]
            for name in unused:
                fix = f"Write configMapGenerator: [{{name: {place.application}-values, files: [{names}]}}]."
                message = f"{name} is not named, so a promotion changes nothing in the cluster"
                yield Finding(place=kustomization.place(), rule="unused-values", message=message, fix=fix)


def _kustomizations(folder: str, seen: Seen) -> Iterator[Manifest]:
    for name in KUSTOMIZATIONS:
        path = posixpath.join(folder, name)
        if path in seen.files:
            yield from seen.manifests(path)
