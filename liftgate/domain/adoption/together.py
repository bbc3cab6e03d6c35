"""Files side by side that are the values of one application: told by names of a topic, such as `database.json`."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from liftgate.domain.adoption.layout import GENERIC, Application, Layout, words_of
from liftgate.domain.adoption.path_templates import MARK

_TOPICS: Final = frozenset(
    (
        *("feature", "features", "flag", "flags", "toggle", "toggles", "limit", "limits", "quota", "quotas"),
        *("database", "databases", "db", "storage", "cache", "redis", "queue", "queues", "kafka", "messaging"),
        *("log", "logs", "logging", "metrics", "monitoring", "tracing", "telemetry", "alerts"),
        *("url", "urls", "host", "hosts", "endpoint", "endpoints", "network", "routes", "routing"),
        *("auth", "security", "secrets", "credentials", "mail", "email", "smtp", "resources", "scaling", "replicas"),
    )
)


def together(layout: Layout, told: Mapping[str, str], repository: str) -> Layout:
    """The layout with one application for files in one folder, of which one at most is not named after a topic. `told`
    is the name that each application's values give it (or empty), `repository` the one where nothing else names it."""
    groups: dict[tuple[str, str], list[Application]] = defaultdict(list)
    for each in layout.applications:
        if isinstance(each.values, str):
            groups[each.folder, posixpath.dirname(each.values)].append(each)
    taken = {each.name for each in layout.applications}
    merged: dict[str, Application] = {}
    for (folder, _), parts in groups.items():
        if len(parts) > 1 and _is_one(parts) and len({told[each.name] for each in parts} - {""}) < 2:
            one = _merged(parts, _name(folder, parts, told, repository), folder)
            if one.name not in taken - {each.name for each in parts}:
                merged |= {each.name: one for each in parts}
    applications = dict.fromkeys(merged.get(each.name, each).name for each in layout.applications)
    known = {each.name: each for each in (*layout.applications, *merged.values())}
    return layout.copy_with(applications=tuple(known[name] for name in applications))


def _is_one(parts: Sequence[Application]) -> bool:
    return sum(not _is_topic(str(each.values)) for each in parts) < 2


def _is_topic(values: str) -> bool:
    own = [word for part in words_of(posixpath.basename(values).replace(MARK, "")) for word in part.split("-")]
    return bool(own) and _TOPICS.issuperset(own)


def _name(folder: str, parts: Sequence[Application], told: Mapping[str, str], repository: str) -> str:
    named = [told[each.name] for each in parts if told[each.name]]
    telling = [word for word in words_of(folder) if not GENERIC.issuperset(word.split("-"))]
    return next(iter((*named, *telling[-1:])), repository)


def _merged(parts: Sequence[Application], name: str, folder: str) -> Application:
    values = tuple(str(each.values) for each in parts)
    places = dict.fromkeys(place for each in parts for place in each.paths)
    paths = {place: ", ".join(each.paths[place] for each in parts if place in each.paths) for place in places}
    return Application(name=name, folder=folder, values=values, paths=paths, parts=tuple(parts))
