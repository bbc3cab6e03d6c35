"""The mistakes of manifests somebody has: every rule on every manifest, all findings at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from liftgate.domain import manifests_rules_folder as folder
from liftgate.domain import manifests_rules_helm as helm
from liftgate.domain import manifests_rules_kustomize as kustomize
from liftgate.domain import manifests_rules_names as names
from liftgate.domain import manifests_rules_set as sets
from liftgate.domain import manifests_rules_spec as spec
from liftgate.domain.manifests_seen import App, Seen, apps
from liftgate.domain.manifests_text import Manifest
from liftgate.domain.verdict import Finding

Rule = Callable[[App, Seen], Iterator[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    spec.destination,
    spec.project,
    spec.placeholder,
    spec.auto_sync,
    spec.fixed_revision,
    folder.no_manifests,
    kustomize.leftovers,
    kustomize.unused_values,
    helm.values_files,
    helm.several_sources,
    names.one_name,
    names.unknown_name,
    sets.files_generator,
    sets.deletion,
    sets.missing_key,
)


def check(read: Sequence[Manifest], seen: Seen) -> list[Finding]:
    """In the order of the files, each once; `manifests_seen.Seen` is what the rules may know."""
    found = [finding for one in apps(read) for rule in RULES for finding in rule(one, seen)]
    found += names.twice(read)
    found += spec.private_repository(apps(read), read)
    if not apps(read):
        file = read[0].file if read else "the files"
        message = f"{file} holds no Application and no ApplicationSet"
        found.append(Finding(place=file, rule="no-application", message=message, fix="Name the files that hold them."))
    return sorted(dict.fromkeys(found), key=_order)


def _order(finding: Finding) -> tuple[str, int, str]:
    file, _, place = finding.place.partition(":")
    return file, int(place.partition(":")[0] or 0), finding.rule
