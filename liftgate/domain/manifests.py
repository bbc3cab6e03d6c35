"""Argo CD's manifests for a configuration repository, as data: the project, and its Applications or ApplicationSets."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from liftgate.domain.value import Json, Value
from liftgate.errors import Refused

API: Final = "argoproj.io/v1alpha1"
IN_CLUSTER: Final = "https://kubernetes.default.svc"
ROLE: Final = "promoter"
FOLDER: Final = "argocd"
_RIGHTS: Final = (("applications", "get"), ("applications", "sync"), ("logs", "get"))
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

Form = Literal["applications", "applicationset"]


class Place(Value):
    """One application in one environment."""

    application: str
    environment: str
    pattern: str
    """Argo CD's name as `liftgate.json` writes it; `namespace/name` where it lives outside Argo CD's own namespace."""
    root: str
    """The environment's folder."""
    values: str
    """Path of the values file."""
    chart: str = ""
    """Folder of the Helm chart; empty: Kustomize, in the folder of the values."""

    @property
    def name(self) -> str:
        return self.named(self.environment)

    def named(self, environment: str) -> str:
        return self.pattern.replace("{application}", self.application).replace("{environment}", environment)

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.values)


class Target(Value):
    """Where Argo CD clones from, and where it deploys to."""

    repository: str
    project: str
    branch: str = "main"
    argocd: str = "argocd"
    """Argo CD's own namespace."""
    servers: dict[str, str] = {}
    """Cluster by environment, as an address or Argo CD's name for it; "" is for all others."""
    namespace: str = "{application}-{environment}"
    """Where the application goes; `{application}` and `{environment}` are filled in."""

    def destination(self, application: str, environment: str) -> dict[str, str]:
        cluster = self.servers.get(environment) or self.servers.get("") or IN_CLUSTER
        namespace = self.namespace.replace("{application}", application).replace("{environment}", environment)
        return {"server" if "://" in cluster else "name": cluster, "namespace": namespace}

    def check(self, places: Sequence[Place]) -> None:
        """Raises Refused for names that Kubernetes would not take, all of them at once."""
        names = (self.project, self.argocd, *(place.application for place in places))
        wrong = [f'"{name}" is no name for Kubernetes' for name in names if not _LABEL.fullmatch(name)]
        for place in places:
            namespace = self.destination(place.application, place.environment)["namespace"]
            wrong += [f'"{part}" is no name for an Application' for part in place.name.split("/") if not _is_name(part)]
            wrong += [f'"{namespace}" is no name for a namespace'] if not _LABEL.fullmatch(namespace) else []
        if twice := sorted({place.name for place in places if [p.name for p in places].count(place.name) > 1}):
            raise Refused(f"several environments have the Application {', '.join(twice)}: write {{environment}} into its name")
        if wrong:
            rule = "lower-case letters, digits and dashes, 63 at most"
            raise Refused("; ".join(dict.fromkeys(wrong)) + f": {rule}")


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def manifests(places: Sequence[Place], target: Target, form: Form) -> dict[str, Json]:
    """By path, the project first. Raises Refused where the names or the folders do not allow it."""
    target.check(places)
    found = {f"{FOLDER}/project.yaml": project(places, target, form)}
    if form == "applications":
        return found | {f"{FOLDER}/{place.name.rpartition('/')[2]}.yaml": application(place, target) for place in places}
    if any(target.servers.get(place.environment) for place in places):
        raise Refused("an ApplicationSet has one cluster for all environments: use --form applications")
    names = dict.fromkeys(place.application for place in places)
    groups = {name: [place for place in places if place.application == name] for name in names}
    return found | {f"{FOLDER}/{name}.yaml": application_set(group, target) for name, group in groups.items()}


def policies(project: str) -> list[str]:
    """All that Liftgate's token needs, on the project's applications and nothing else."""
    subject = f"proj:{project}:{ROLE}"
    return [f"p, {subject}, {resource}, {action}, {project}/*, allow" for resource, action in _RIGHTS]


def rbac(project: str) -> list[str]:
    """The same as lines of argocd-rbac-cm, for a local account `liftgate` instead of the project's role."""
    lines = [f"p, role:liftgate, {resource}, {action}, {project}/*, allow" for resource, action in _RIGHTS]
    return [*lines, "g, liftgate, role:liftgate"]


def project(places: Sequence[Place], target: Target, form: Form) -> Json:
    namespaces = {place.name.rpartition("/")[0] for place in places} - {"", target.argocd}
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {"name": target.project, "namespace": target.argocd},
        "spec": {
            "description": "Promoted by Liftgate",
            "sourceRepos": [target.repository],
            **({"sourceNamespaces": sorted(namespaces)} if namespaces else {}),
            "destinations": _destinations(places, target, form),
            "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
            "roles": [
                {
                    "name": ROLE,
                    "description": "Looks at the applications and syncs them; changes nothing else",
                    "policies": policies(target.project),
                }
            ],
        },
    }


def _destinations(places: Sequence[Place], target: Target, form: Form) -> list[dict[str, str]]:
    """Those of the places; a set's namespaces by pattern, so that a new folder is a new environment."""
    found: list[dict[str, str]] = []
    for place in places:
        environment = place.environment if form == "applications" else "*"
        destination = target.destination(place.application, environment)
        found += [destination] if destination not in found else []
    return found


def application(place: Place, target: Target) -> Json:
    namespace, _, name = place.name.rpartition("/")
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace or target.argocd},
        "spec": _spec(place, target, place.folder, target.destination(place.application, place.environment)),
    }


def application_set(places: Sequence[Place], target: Target) -> Json:
    """One application in all environments. Raises Refused unless each environment's folder has its name."""
    one, parent = places[0], posixpath.dirname(places[0].root)
    if "{environment}" not in one.pattern:
        raise Refused(f'"{one.pattern}" is one name for all environments: write {{environment}} into it')
    below = one.folder.removeprefix(one.root)
    if any(place.root != posixpath.join(parent, place.environment) for place in places):
        raise Refused(
            "an ApplicationSet takes an environment's name from its folder, so the folders must stand side by side "
            f"and have the environments' names, like {posixpath.join(parent, one.environment)}; "
            "use --form applications"
        )
    environment = f"{{{{index .path.segments {len(parent.split('/')) if parent else 0}}}}}"
    namespace, _, name = one.named(environment).rpartition("/")
    template = one.model_copy(update={"values": posixpath.join("{{.path.path}}", posixpath.basename(one.values))})
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {
        "apiVersion": API,
        "kind": "ApplicationSet",
        "metadata": {"name": one.application, "namespace": target.argocd},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"git": _directories(posixpath.join(parent, "*") + below, below, target)}],
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": {
                "metadata": metadata,
                "spec": _spec(template, target, "{{.path.path}}", target.destination(one.application, environment)),
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


def _spec(place: Place, target: Target, folder: str, destination: Mapping[str, str]) -> Json:
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
    helm = {"releaseName": place.application, "valueFiles": [f"{above}/{place.values}"]}
    return source | {"path": place.chart, "helm": helm}
