"""The AppProject of the promoted applications, and the rights of Liftgate's token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.manifests.place import Place, Target

ROLE: Final = "promoter"
_RIGHTS: Final = (("applications", "get"), ("applications", "sync"), ("logs", "get"))


def policies(project: str) -> list[str]:
    """The policies that Liftgate's token needs, for the project's applications only."""
    subject = f"proj:{project}:{ROLE}"
    return [f"p, {subject}, {resource}, {action}, {project}/*, allow" for resource, action in _RIGHTS]


def rbac(project: str) -> list[str]:
    """The same as lines of argocd-rbac-cm, for a local account `liftgate` instead of the project's role."""
    lines = [f"p, role:liftgate, {resource}, {action}, {project}/*, allow" for resource, action in _RIGHTS]
    return [*lines, "g, liftgate, role:liftgate"]


def project(places: Sequence[Place], target: Target, *, is_set: bool) -> Json:
    namespaces = {place.name.rpartition("/")[0] for place in places} - {"", target.argocd}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": target.project, "namespace": target.argocd},
        "spec": {
            "description": "Promoted by Liftgate",
            "sourceRepos": [target.repository],
            **({"sourceNamespaces": sorted(namespaces)} if namespaces else {}),
            "destinations": _destinations(places, target, is_set=is_set),
            "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
            "roles": [
                {
                    "name": ROLE,
                    "description": "Reads the applications and syncs them; changes nothing else",
                    "policies": policies(target.project),
                }
            ],
        },
    }


def _destinations(places: Sequence[Place], target: Target, *, is_set: bool) -> list[dict[str, str]]:
    """The destinations of the places; a set's namespaces are a pattern, so that a new folder can add an environment."""
    found: list[dict[str, str]] = []
    for place in places:
        destination = target.destination(place, "*" if is_set else "")
        found += [destination] if destination not in found else []
    return found
