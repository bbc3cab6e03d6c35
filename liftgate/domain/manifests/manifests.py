"""Argo CD's manifests for a configuration repository, as data: the project, and its Applications or ApplicationSets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from liftgate.domain.common.value import Json
from liftgate.domain.manifests.application import application
from liftgate.domain.manifests.application_set import application_set
from liftgate.domain.manifests.place import Place, Target
from liftgate.domain.manifests.project import project
from liftgate.errors import Refused

FOLDER: Final = "argocd"
Form = Literal["applications", "applicationset"]


def manifests(places: Sequence[Place], target: Target, form: Form) -> dict[str, Json]:
    """The manifests by path, the project first. Raises Refused if the names or the folders do not allow it."""
    target.check(places)
    found = {f"{FOLDER}/project.yaml": project(places, target, is_set=form == "applicationset")}
    if form == "applications":
        return found | {
            f"{FOLDER}/{place.name.rpartition('/')[2]}.yaml": application(place, target) for place in places
        }
    if target.servers.keys() - {""}:
        raise Refused("an ApplicationSet uses one cluster for all its Applications: use --form applications")
    names = dict.fromkeys(place.application for place in places)
    groups = {name: [place for place in places if place.application == name] for name in names}
    return found | {f"{FOLDER}/{name}-set.yaml": application_set(group, target) for name, group in groups.items()}
