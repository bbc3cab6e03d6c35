"""Rules about the names of Argo CD Applications: one for each environment, as Liftgate expects them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.seen import App, Seen, placeholders
from liftgate.domain.manifests.text import Manifest

RULE: Final = "one-name"


def one_name(one: App, seen: Seen) -> Iterator[Finding]:
    """Findings for one name whose content differs between environments."""
    varies = any("{{" in str(one.spec.get(key)) for key in ("source", "sources", "destination"))
    differs = varies if one.is_generated else any(True for _ in placeholders(one))
    if differs and "{{" not in one.name and "${" not in one.name:
        wanted = ", ".join(place.name for place in seen.places) or "NAME-ENVIRONMENT"
        yield Finding(
            place=one.manifest.place(*one.where, "metadata", "name"),
            rule=RULE,
            message=f"{one.name} is one name for all environments, so that only one Application can exist",
            fix=f"Name them {wanted}.",
        )


def twice(read: Sequence[Manifest]) -> Iterator[Finding]:
    """Findings for manifests with the same kind, namespace and name."""
    names = Counter(_key(one) for one in read)
    for one in read:
        if names[_key(one)] > 1 and one.kind in ("Application", "ApplicationSet", "AppProject"):
            message = f"{names[_key(one)]} manifests have the name {one.name}: the last one applied replaces the others"
            fix = "Give each environment's manifest its own name."
            yield Finding(place=one.place("metadata", "name"), rule=RULE, message=message, fix=fix)


def _key(one: Manifest) -> tuple[str, str, str]:
    return one.kind, str(one.at("metadata").get("namespace", "")), one.name


def unknown_name(one: App, seen: Seen) -> Iterator[Finding]:
    """Liftgate finds an Argo CD Application by its name in `liftgate.json`."""
    wanted = [place.name.rpartition("/")[2] for place in seen.places]
    names = one.expanded(one.name, seen) if one.is_generated else [one.name]
    if any(True for _ in one_name(one, seen)):
        return
    for name in names:
        if wanted and name not in wanted:
            yield Finding(
                place=one.manifest.place(*one.where, "metadata", "name"),
                rule="unknown-name",
                message=f"Liftgate does not look for an Application {name}; {nearest(name, wanted)}",
                fix="Use that name, or write the pattern of your names into liftgate.json: applications.NAME.argocd.",
            )
