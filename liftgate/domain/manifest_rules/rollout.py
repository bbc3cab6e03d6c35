"""Rules about Deployments: how soon Kubernetes reports a failed rollout."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.files import CHART, KUSTOMIZATIONS
from liftgate.domain.manifests.seen import App, Seen

FIELD: Final = "progressDeadlineSeconds"
_FIX: Final = f"Write {FIELD}: 120, or the time its pods may need to become ready."
_IN_TEMPLATE: Final = re.compile(rf"^\s*{FIELD}:\s*(\d+)?", re.MULTILINE)
_DEPLOYMENT: Final = re.compile(r"^kind:\s*Deployment\s*$", re.MULTILINE)
_YAML: Final = (".yaml", ".yml", ".json")


def complaint(manifest: Mapping[str, Any], limit: float) -> str:
    """What is wrong with a Deployment whose sync may take `limit` seconds; an empty string for other objects."""
    spec = manifest.get("spec")
    if manifest.get("kind") != "Deployment" or not isinstance(spec, Mapping):
        return ""
    return _about(spec.get(FIELD), limit)


def _about(written: Any, limit: float) -> str:
    if written is None:
        return f"without {FIELD} Kubernetes reports a failed rollout only after 600 s"
    if isinstance(written, int) and written >= limit:
        return f"{FIELD} is {written}, but a sync must be healthy within {limit:g} s"
    return ""


def progress_deadline(one: App, seen: Seen) -> Iterator[Finding]:
    for _, _, folder in one.folders(seen):
        if posixpath.join(folder, CHART) in seen.files:
            yield from _of_chart(folder, seen)
        else:
            yield from _of_files(folder, seen)


def _of_files(folder: str, seen: Seen) -> Iterator[Finding]:
    kustomizations: set[str] = set()
    files = list(_resources(folder, seen, kustomizations))
    if any(FIELD.encode() in seen.files[path] for path in _patches(kustomizations, seen)):
        return
    for manifest in (each for path in files for each in seen.manifests(path)):
        if message := complaint(manifest.value, seen.deadline):
            place = manifest.place("spec", FIELD)
            yield Finding(place=place, rule="progress-deadline", message=message, fix=_FIX, blocking=False)


def _resources(folder: str, seen: Seen, visited: set[str]) -> Iterator[str]:
    """The files with manifests below a folder, by its kustomization if it has one."""
    paths = [path for name in KUSTOMIZATIONS if (path := posixpath.join(folder, name)) in seen.files]
    if not paths:
        yield from (path for path in seen.directly_in(folder) if path.endswith(_YAML))
    for path in {*paths} - visited:
        visited.add(path)
        for manifest in seen.manifests(path):
            for entry in _listed(manifest.value, "resources"):
                inner = posixpath.normpath(posixpath.join(folder, str(entry)))
                if inner in seen.files:
                    yield inner
                elif seen.has_folder(inner):
                    yield from _resources(inner, seen, visited)


def _patches(kustomizations: set[str], seen: Seen) -> Iterator[str]:
    """The kustomizations, and their patch files."""
    for path in kustomizations:
        yield path
        for manifest in seen.manifests(path):
            for entry in (*_listed(manifest.value, "patches"), *_listed(manifest.value, "patchesStrategicMerge")):
                named = entry.get("path") if isinstance(entry, Mapping) else entry
                inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(named)))
                if inner in seen.files:
                    yield inner


def _listed(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _of_chart(folder: str, seen: Seen) -> Iterator[Finding]:
    """Templates are not YAML, so they are read as text."""
    templates = posixpath.join(folder, "templates", "")
    for path in [path for path in seen.files if path.startswith(templates) and path.endswith(_YAML)]:
        text = seen.files[path].decode(errors="replace")
        at, written = _DEPLOYMENT.search(text), _IN_TEMPLATE.search(text)
        if at is None or (written and not written[1]):
            continue
        if message := _about(int(written[1]) if written else None, seen.deadline):
            line = text.count("\n", 0, written.start(1) if written else at.start()) + 1
            place = f"{path}:{line}:1"
            yield Finding(place=place, rule="progress-deadline", message=message, fix=_FIX, blocking=False)
