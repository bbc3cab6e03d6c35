"""One application in one environment, with Argo CD's repository and destination."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from liftgate.domain.common.value import Value
from liftgate.errors import Refused

IN_CLUSTER: Final = "https://kubernetes.default.svc"
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]*@")


def bare(url: str) -> str:
    """The address without credentials; an SSH user alone is not a credential."""
    return url if re.match(r"ssh://[^:/@]*@", url) else _CREDENTIALS.sub("", url)


class Place(Value):
    """One application in one environment."""

    application: str
    environment: str
    pattern: str
    """Argo CD's name as in `liftgate.json`; `namespace/name` outside Argo CD's own namespace."""
    root: str
    """The environment's folder."""
    files: tuple[str, ...]
    """Paths of the values files, at least one."""
    own_folder: str = ""
    """The folder below which they all are, where there are several."""
    chart: str = ""
    """Folder of the Helm chart; empty: Kustomize, in the folder of the values."""

    @property
    def name(self) -> str:
        return self.named(self.environment)

    def named(self, environment: str) -> str:
        return self.pattern.replace("{application}", self.application).replace("{environment}", environment)

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.files[0]) if len(self.files) == 1 else self.own_folder

    @property
    def names(self) -> tuple[str, ...]:
        """The values files as the folder's kustomization names them."""
        return tuple(posixpath.relpath(path, self.folder or ".") for path in self.files)


def in_shared_folders(places: Sequence[Place]) -> list[Place]:
    """Those whose folder has other values too: Kustomize renders a folder, and would give each the values of all."""
    values: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for place in places:
        values[place.folder].add(place.files)
    return [place for place in places if not place.chart and len(values[place.folder]) > 1]


def why_not(shared: Sequence[Place]) -> str:
    """One sentence for places in shared folders."""
    names = ", ".join(dict.fromkeys(place.files[0] for place in shared[:3])) + (" …" if len(shared) > 3 else "")
    return (
        f"{names} are in one folder, and Kustomize renders a whole folder: move each into a folder of its own, "
        "or use a chart (liftgate manifests --render helm)"
    )


class Target(Value):
    """The repository that Argo CD clones, and its destination."""

    repository: str
    project: str
    branch: str = "main"
    argocd: str = "argocd"
    """Argo CD's own namespace."""
    servers: dict[str, str] = Field(default_factory=dict)
    """Cluster (an address or Argo CD's name) by Argo CD Application or environment; "" is for all others."""
    namespace: str = "{application}-{environment}"
    """The application's namespace; `{application}` and `{environment}` are filled in."""

    def destination(self, place: Place, environment: str = "") -> dict[str, str]:
        """The place's namespace, with `environment` or a template parameter filled in."""
        found = (self.servers.get(key) for key in (place.name, place.environment, ""))
        cluster = next(filter(None, found), IN_CLUSTER)
        namespace = self.namespace.replace("{application}", place.application)
        namespace = namespace.replace("{environment}", environment or place.environment)
        return {"server" if "://" in cluster else "name": cluster, "namespace": namespace}

    def check(self, places: Sequence[Place]) -> None:
        """Raises Refused for names that Kubernetes does not accept, all at once."""
        if bare(self.repository) != self.repository:
            address = bare(self.repository)
            raise Refused(f"put the credentials of {address} into a Secret of Argo CD, never into a manifest")
        names = (self.project, self.argocd, *(place.application for place in places))
        wrong = [f'"{name}" is no name for Kubernetes' for name in names if not _LABEL.fullmatch(name)]
        for place in places:
            namespace = self.destination(place)["namespace"]
            wrong += [f'"{part}" is no name for an Application' for part in place.name.split("/") if not _is_name(part)]
            wrong += [f'"{namespace}" is no name for a namespace'] if not _LABEL.fullmatch(namespace) else []
        if wrong:
            rule = "lower-case letters, digits and dashes, 63 at most"
            raise Refused("; ".join(dict.fromkeys(wrong)) + f": {rule}")
        self._check_apart(places)
        if shared := in_shared_folders(places):
            raise Refused(why_not(shared))

    def _check_apart(self, places: Sequence[Place]) -> None:
        names = Counter(place.name for place in places)
        if twice := [name for name, times in names.items() if times > 1]:
            raise Refused(f"the name {', '.join(twice)} is used more than once: write {{environment}} into it")
        for place in places:
            same = [p.name for p in places if p.application == place.application and self._same_goal(p, place)]
            if len(same) > 1:
                goal = self.destination(place)["namespace"]
                raise Refused(
                    f"{', '.join(same)} would all be in the namespace {goal} of one cluster: "
                    "give each its own cluster with --destination NAME=CLUSTER, or use another --namespace"
                )

    def _same_goal(self, one: Place, other: Place) -> bool:
        return self.destination(one) == self.destination(other)


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None
