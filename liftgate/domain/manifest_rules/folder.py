"""Rules about the folder that an Argo CD Application names: whether it contains manifests."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.files import CHART, KUSTOMIZATIONS
from liftgate.domain.manifests.place import bare
from liftgate.domain.manifests.seen import App, Seen


def no_manifests(one: App, seen: Seen) -> Iterator[Finding]:
    for keys, source, folder in one.folders(seen):
        finding = _renders(folder, source, seen)
        if finding:
            message, fix = finding
            yield one.finding((*keys, "path"), "no-manifests", message, fix)


def other_repository(one: App, seen: Seen) -> Iterator[Finding]:
    urls = [(keys, bare(str(source.get("repoURL", "")))) for keys, source in one.sources]
    if urls and not any(seen.is_own(source) for _, source in one.sources):
        keys, url = urls[0]
        message = f"it deploys from {url}, this clone is of {bare(seen.repository)}: its folders were not checked"
        fix = "Check it in a clone of its own repository, or give the address of this one with --repo-url."
        yield one.finding((*keys, "repoURL"), "other-repository", message, fix, blocking=False)


def _renders(folder: str, source: Mapping[str, Any], seen: Seen) -> tuple[str, str] | None:
    """What is wrong with the folder, and what to do; None if it contains manifests."""
    shown = folder or "the repository's root"
    if not seen.has_folder(folder):
        return f"the repository has no folder {shown}", "Write the folder's path, starting at the repository's root."
    names = {posixpath.basename(path) for path in seen.directly_in(folder)}
    if source.get("helm") and CHART not in names:
        return (
            f"{shown} is not a Helm chart: it has no {CHART}",
            "Set path to the chart, and valueFiles to the values files.",
        )
    if CHART in names or names & set(KUSTOMIZATIONS) or source.keys() & {"directory", "plugin"}:
        return None
    kindless = _kindless(folder, seen)
    if kindless is None:
        return None
    fix = f"Add {folder}/kustomization.yaml with a configMapGenerator; liftgate manifests writes one."
    if any(name.endswith(".json") for name in kindless):
        what = f"{shown} has only {', '.join(kindless)} and no Kubernetes manifest: Argo CD"
        return f"{what} says that Object 'Kind' is missing, and never deploys anything", fix
    what = f"{shown} has no manifest for Argo CD, so that the Application has no resources"
    return f"{what}, which always counts as Synced and Healthy", fix


def _kindless(folder: str, seen: Seen) -> list[str] | None:
    """The names of the YAML and JSON files in the folder if none of them is a manifest."""
    paths = [path for path in seen.directly_in(folder) if path.endswith((".json", ".yaml", ".yml"))]
    if any("kind" in each.value for path in paths for each in seen.manifests(path)):
        return None
    return [posixpath.basename(path) for path in paths]
