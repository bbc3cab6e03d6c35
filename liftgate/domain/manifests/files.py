"""The files that a configuration repository needs so that Argo CD can render it: kustomizations, or a Helm chart."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from liftgate.domain.manifests.place import Place

KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHART: Final = "Chart.yaml"
_BASES: Final = ("manifests", "base")
_CHARTS: Final = ("chart", "charts")
_BASE_FILES: Final = {
    "kustomization.yaml": "base.yaml",
    "deployment.yaml": "deployment.yaml",
    "service.yaml": "service.yaml",
}
_CHART_FILES: Final = {
    CHART: "chart.yaml",
    "templates/configmap.yaml": "chart-configmap.yaml",
    "templates/deployment.yaml": "chart-deployment.yaml",
    "templates/service.yaml": "service.yaml",
}


def chart_of(application: str, have: Collection[str], *, alone: bool) -> str:
    """The folder of the application's chart, or where it should be; `alone`: it is the only application there."""
    all_charts = [posixpath.dirname(path) for path in have if posixpath.basename(path) == CHART]
    if alone and len(all_charts) == 1 and all_charts[0]:
        return all_charts[0]
    return _found(application, (CHART,), _CHARTS, have) or _new("chart", application, alone=alone)


def has_chart(have: Collection[str]) -> bool:
    return any(posixpath.basename(path) == CHART for path in have)


def missing(places: Sequence[Place], have: Collection[str], templates: Mapping[str, str]) -> dict[str, str]:
    """The files to add, by path. `templates` are those of liftgate/scaffold by file name."""
    alone = len({place.application for place in places}) == 1
    found: dict[str, str] = {}
    for place in places:
        made = _chart(place, have, templates) if place.chart else _kustomization(place, have, templates, alone=alone)
        found |= {path: text for path, text in made.items() if path not in have}
    return found


def is_kustomization(folder: str, have: Collection[str]) -> bool:
    return any(posixpath.join(folder, name) in have for name in KUSTOMIZATIONS)


def _kustomization(place: Place, have: Collection[str], templates: Mapping[str, str], *, alone: bool) -> dict[str, str]:
    if is_kustomization(place.folder, have):
        return {}
    base = _found(place.application, KUSTOMIZATIONS, _BASES, have)
    made = {} if base else _below(_new("manifests", place.application, alone=alone), _BASE_FILES, place, templates)
    base = base or _new("manifests", place.application, alone=alone)
    marks = {"@base@": posixpath.relpath(base, place.folder), "@values@": ", ".join(place.names)}
    text = filled(templates["environment.yaml"], marks | {"@application@": place.application})
    return made | {f"{place.folder}/kustomization.yaml": text}


def _chart(place: Place, have: Collection[str], templates: Mapping[str, str]) -> dict[str, str]:
    return {} if f"{place.chart}/{CHART}" in have else _below(place.chart, _CHART_FILES, place, templates)


def _below(folder: str, wanted: Mapping[str, str], place: Place, templates: Mapping[str, str]) -> dict[str, str]:
    marks = {"@application@": place.application}
    return {f"{folder}/{path}": filled(templates[name], marks) for path, name in wanted.items()}


def _found(application: str, files: Sequence[str], folders: Sequence[str], have: Collection[str]) -> str:
    """The application's own folder first, then the one for all."""
    wanted = [*(f"{folder}/{application}" for folder in folders), *folders]
    return next((folder for folder in wanted if any(f"{folder}/{file}" in have for file in files)), "")


def _new(folder: str, application: str, *, alone: bool) -> str:
    return folder if alone else f"{folder}/{application}"


def filled(template: str, marks: Mapping[str, str]) -> str:
    for mark, text in marks.items():
        template = template.replace(mark, text)
    return template
