"""Checks existing manifests: every rule on every manifest, all findings at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifest_rules import application_set as sets
from liftgate.domain.manifest_rules import folder, helm, kustomize, names, rollout, spec
from liftgate.domain.manifests import text as manifests_text
from liftgate.domain.manifests.seen import App, Seen, apps
from liftgate.domain.manifests.text import Manifest
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


def check_manifests(files: Mapping[str, str], seen: Seen) -> list[Finding]:
    """The findings in the order of the lines, each once; `files` are texts by name, and `seen` is the repository."""
    read: list[Manifest] = []
    found: list[Finding] = []
    for file, text in files.items():
        try:
            read += manifests_text.read_manifests(text, file)
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
        message, fix = "the files have no Argo CD Application and no ApplicationSet", "Name the files that hold them."
        found.append(Finding(place=read[0].place(), rule="no-application", message=message, fix=fix))
    return found


def _order(finding: Finding) -> tuple[str, int, str]:
    file, _, position = finding.place.partition(":")
    line = position.partition(":")[0]
    return file, int(line) if line.isdecimal() else 0, finding.rule + finding.message
