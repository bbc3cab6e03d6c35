"""The Argo CD Application of one application in one environment."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.common.value import Json
from liftgate.domain.manifests.place import Place, Target


def application(place: Place, target: Target) -> Json:
    namespace, _, name = place.name.rpartition("/")
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace or target.argocd},
        "spec": spec(place, target, place.folder, target.destination(place)),
    }


def spec(place: Place, target: Target, folder: str, destination: Mapping[str, str]) -> Json:
    return {
        "project": target.project,
        "source": _source(place, target, folder),
        "destination": destination,
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true"],
            "retry": {"limit": 2, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "30s"}},
        },
    }


def _source(place: Place, target: Target, folder: str) -> Json:
    source: dict[str, Json] = {"repoURL": target.repository, "targetRevision": target.branch}
    if not place.chart:
        return source | {"path": folder}
    above = "/".join([".."] * len(place.chart.split("/")))
    helm = {"releaseName": place.application, "valueFiles": [f"{above}/{path}" for path in place.files]}
    return source | {"path": place.chart, "helm": helm}
