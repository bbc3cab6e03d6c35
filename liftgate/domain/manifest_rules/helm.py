"""Rules about Helm's values files, and about several sources, which serve values files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.seen import App, Seen


def values_files(one: App, seen: Seen) -> Iterator[Finding]:
    """Values files that Helm will not find."""
    references = {str(source.get("ref")) for _, source in one.sources if source.get("ref")}
    for keys, source in one.sources:
        helm = source.get("helm")
        told = helm if isinstance(helm, dict) else {}
        written = told.get("valueFiles")
        for at, file in enumerate(written if isinstance(written, list) else ()):
            wrong = _values_file(one, source, str(file), references, seen)
            if wrong and not told.get("ignoreMissingValueFiles"):
                yield one.finding((*keys, "helm", "valueFiles", at), "values-file", *wrong)


def _values_file(
    one: App, source: Mapping[str, Any], written: str, references: set[str], seen: Seen
) -> tuple[str, str] | None:
    reference = written.partition("/")[0].removeprefix("$")
    if written.startswith("$") and not written.startswith("${"):
        known = reference in references
        return None if known else (f"no source has ref: {reference}", f"Add one: ref: {reference}.")
    if re.search(r".\$\w", written):
        return (
            f"{written} names another source in the middle of the path",
            "Start with it: $values/configs/ENVIRONMENT/values.json.",
        )
    if "://" in written or source.get("chart") or not (seen.files and seen.is_own(source)):
        return None
    for each in one.expanded(written, seen):
        path = posixpath.normpath(posixpath.join(str(source.get("path", "")), each)).lstrip("/")
        if path not in seen.files:
            return f"the repository has no {path}", "The path is relative to the chart's folder."
    return None


def several_sources(one: App, seen: Seen) -> Iterator[Finding]:  # noqa: ARG001  every rule gets both
    if not isinstance(one.spec.get("sources"), list):
        return
    if one.spec.get("source"):
        yield one.finding(("source",), "sources", "with sources, Argo CD ignores source", "Remove it.", blocking=False)
    places = {str(source.get("repoURL")) for _, source in one.sources}
    if len(one.sources) > 1 and len(places) == 1:
        message = "several sources of one repository: its revision has two entries, and a preview by revision fails"
        fix = "One source is enough: path: chart, helm: {valueFiles: [../configs/ENVIRONMENT/values.json]}."
        yield one.finding(("sources",), "sources", message, fix, blocking=False)
    for keys, source in one.sources if len(places) > 1 else ():
        if source.get("chart") and not str(source.get("targetRevision", "")).strip("v").replace(".", "").isdigit():
            message = "the chart's version changes by itself: the verified one may not run, and no rollback helps"
            yield one.finding((*keys, "targetRevision"), "sources", message, "Write an exact version, like 1.4.2.")
