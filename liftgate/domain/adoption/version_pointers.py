"""Where each application of an adopted repository has its version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from liftgate.domain.adoption.layout import Application
from liftgate.domain.adoption.past import Place
from liftgate.domain.common.value import Json, Value
from liftgate.domain.config.version_places import are_about, version_places
from liftgate.domain.planning.rules import VERSION, Rules


class VersionPointers(Value):
    chosen: dict[str, str]
    """By application the only obvious place, where it is another one than the usual."""
    unclear: dict[str, tuple[str, ...]]
    """By application the places that may be meant, where a person must say it."""


def find_versions(applications: Iterable[Application], values: Mapping[Place, Json], rules: Rules) -> VersionPointers:
    """A place counts if all environments have a version there, and a release may bring it."""
    chosen: dict[str, str] = {}
    unclear: dict[str, tuple[str, ...]] = {}
    for each in applications:
        places = _places(each, values, rules)
        if not places or VERSION in places:
            continue
        obvious = are_about(each.name, places)
        if len(obvious) == 1:
            chosen[each.name] = obvious[0]
        else:
            unclear[each.name] = tuple(obvious or places)
    return VersionPointers(chosen=chosen, unclear=unclear)


def _places(application: Application, values: Mapping[Place, Json], rules: Rules) -> list[str]:
    """Each once, also where several files have it."""
    found = (each for file in application.files for each in _of_file([values[file.name, at] for at in file.paths]))
    return [each for each in dict.fromkeys(found) if rules.owner(each) == "promote"]


def _of_file(values: Sequence[Json]) -> list[str]:
    there = [{*version_places(each)} for each in values]
    return [each for each in version_places(values[0]) if all(each in others for others in there)]
