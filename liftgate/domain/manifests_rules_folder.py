"""Rules about the folder an Application names: whether anything comes out of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from liftgate.domain.manifests_files import CHART, KUSTOMIZATIONS
from liftgate.domain.manifests_place import bare
from liftgate.domain.manifests_seen import App, Seen
from liftgate.domain.verdict import Finding


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
        message = f"it deploys from {url}, this clone is of {bare(seen.repository)}: its folders were not looked at"
        fix = "Check it in a clone of its own repository, or name this one's address with --repo-url."
        yield one.finding((*keys, "repoURL"), "other-repository", message, fix, blocking=False)


def _renders(folder: str, source: Mapping[str, Any], seen: Seen) -> tuple[str, str] | None:
    """What is wrong with the folder, and what to do; None when something comes out of it."""
    shown = folder or "the repository's root"
    if not seen.has_folder(folder):
        return f"the repository has no folder {shown}", "Write the folder's path from the repository's root."
    names = {posixpath.basename(path) for path in seen.directly_in(folder)}
    if source.get("helm") and CHART not in names:
        return (
            f"{shown} is no Helm chart: it has no {CHART}",
            "Let path be the chart, the values' files are valueFiles.",
        )
    if CHART in names or names & set(KUSTOMIZATIONS) or source.keys() & {"directory", "plugin"}:
        return None
    kindless = _kindless(folder, seen)
    if kindless is None:
        return None
    fix = f"Add {folder}/kustomization.yaml with a configMapGenerator; liftgate manifests writes one."
    if any(name.endswith(".json") for name in kindless):
        what = f"{shown} holds only {', '.join(kindless)}, which is no Kubernetes manifest: Argo CD"
        return f"{what} says that Object 'Kind' is missing, and never deploys anything", fix
    what = f"{shown} holds nothing that Argo CD applies, so that it has zero resources"
    return f"{what}, which counts as Synced and Healthy whatever runs", fix


def _kindless(folder: str, seen: Seen) -> list[str] | None:
    """The names of the YAML and JSON files in the folder when none of them is a manifest."""
    paths = [path for path in seen.directly_in(folder) if path.endswith((".json", ".yaml", ".yml"))]
    if any("kind" in each.value for path in paths for each in seen.manifests(path)):
        return None
    return [posixpath.basename(path) for path in paths]
