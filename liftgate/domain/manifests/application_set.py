"""The ApplicationSet of one application: an Argo CD Application for each environment's folder."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from liftgate.domain.common.value import Json
from liftgate.domain.manifests.application import spec
from liftgate.domain.manifests.place import Place, Target
from liftgate.errors import Refused


def application_set(places: Sequence[Place], target: Target) -> Json:
    """One application in all environments. Raises Refused unless each environment's folder has its name."""
    one, parent = places[0], posixpath.dirname(places[0].root)
    if "{environment}" not in one.pattern:
        raise Refused(f'"{one.pattern}" is one name for all environments: write {{environment}} into it')
    below = one.folder.removeprefix(one.root)
    if any(place.root != posixpath.join(parent, place.environment) for place in places):
        raise Refused(
            "an ApplicationSet takes an environment's name from its folder, so the folders must be side by side "
            f"and have the environments' names, like {posixpath.join(parent, one.environment)}; "
            "use --form applications"
        )
    environment = f"{{{{index .path.segments {len(parent.split('/')) if parent else 0}}}}}"
    namespace, _, name = one.named(environment).rpartition("/")
    template = one.copy_with(files=tuple(posixpath.join("{{.path.path}}", name) for name in one.names))
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": one.application, "namespace": target.argocd},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"git": _directories(posixpath.join(parent, "*") + below, below, target)}],
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": {
                "metadata": metadata,
                "spec": spec(template, target, "{{.path.path}}", target.destination(one, environment)),
            },
        },
    }


def _directories(pattern: str, below: str, target: Target) -> Json:
    base = posixpath.join(posixpath.dirname(pattern.removesuffix(below)), "base") + below
    return {
        "repoURL": target.repository,
        "revision": target.branch,
        "directories": [{"path": pattern}, {"path": base, "exclude": True}],
    }
