"""The mistakes of manifests somebody has: every rule on every manifest, all findings at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from liftgate.domain import manifests_rules_folder as folder
from liftgate.domain import manifests_rules_helm as helm
from liftgate.domain import manifests_rules_kustomize as kustomize
from liftgate.domain import manifests_rules_names as names
from liftgate.domain import manifests_rules_rollout as rollout
from liftgate.domain import manifests_rules_set as sets
from liftgate.domain import manifests_rules_spec as spec
from liftgate.domain import manifests_text
from liftgate.domain.manifests_seen import App, Seen, apps
from liftgate.domain.manifests_text import Manifest
from liftgate.domain.verdict import Finding
from liftgate.errors import Refused

Rule = Callable[[App, Seen], Iterator[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    spec.destination,
    spec.project,
    spec.placeholder,
    spec.auto_sync,
    spec.fixed_revision,
    spec.credentials,
    folder.no_manifests,
    folder.other_repository,
    kustomize.leftovers,
    kustomize.unused_values,
    rollout.progress_deadline,
    helm.values_files,
    helm.several_sources,
    names.one_name,
    names.unknown_name,
    sets.files_generator,
    sets.deletion,
    sets.missing_key,
)


def check(files: Mapping[str, str], seen: Seen) -> list[Finding]:
    """In the order of the lines, each once; `files` are texts by name, and `seen` is what the rules may know."""
    read: list[Manifest] = []
    found: list[Finding] = []
    for file, text in files.items():
        try:
            read += manifests_text.read(text, file)
        except Refused as error:
            found.append(_unread(str(error)))
    return sorted({*found, *_judged(read, seen)}, key=_order)


def _unread(said: str) -> Finding:
    place, _, message = said.partition(": ")
    return Finding(place=place, rule="no-yaml", message=message)


def _judged(read: Sequence[Manifest], seen: Seen) -> list[Finding]:
    found = [finding for one in apps(read) for rule in RULES for finding in rule(one, seen)]
    found += names.twice(read)
    found += spec.private_repository(apps(read), read)
    if read and not apps(read):
        message, fix = "no Application and no ApplicationSet is here", "Name the files that hold them."
        found.append(Finding(place=read[0].place(), rule="no-application", message=message, fix=fix))
    return found


def _order(finding: Finding) -> tuple[str, int, str]:
    file, _, position = finding.place.partition(":")
    line = position.partition(":")[0]
    return file, int(line) if line.isdecimal() else 0, finding.rule + finding.message
