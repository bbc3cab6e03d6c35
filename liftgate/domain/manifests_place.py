"""One application in one environment, and where Argo CD clones from and deploys to."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from liftgate.domain.value import Value
from liftgate.errors import Refused

IN_CLUSTER: Final = "https://kubernetes.default.svc"
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]*@")


def bare(url: str) -> str:
    """The address without the credentials that somebody wrote into it; an SSH user alone is none."""
    return url if re.match(r"ssh://[^:/@]*@", url) else _CREDENTIALS.sub("", url)


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
    servers: dict[str, str] = Field(default_factory=dict)
    """Cluster by the Application's name or environment, as an address or Argo CD's name; "" is for all others."""
    namespace: str = "{application}-{environment}"
    """Where the application goes; `{application}` and `{environment}` are filled in."""

    def destination(self, place: Place, environment: str = "") -> dict[str, str]:
        """The place's, or what stands for its environment in a pattern or a template."""
        found = (self.servers.get(key) for key in (place.name, place.environment, ""))
        cluster = next(filter(None, found), IN_CLUSTER)
        namespace = self.namespace.replace("{application}", place.application)
        namespace = namespace.replace("{environment}", environment or place.environment)
        return {"server" if "://" in cluster else "name": cluster, "namespace": namespace}

    def check(self, places: Sequence[Place]) -> None:
        """Raises Refused for names that Kubernetes would not take, all of them at once."""
        if bare(self.repository) != self.repository:
            address = bare(self.repository)
            raise Refused(f"credentials of {address} belong into a Secret of Argo CD, never into a manifest")
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

    def _check_apart(self, places: Sequence[Place]) -> None:
        names = Counter(place.name for place in places)
        if twice := [name for name, times in names.items() if times > 1]:
            raise Refused(f"{', '.join(twice)} is the Application of several: write {{environment}} into its name")
        for place in places:
            same = [p.name for p in places if p.application == place.application and self._same_goal(p, place)]
            if len(same) > 1:
                goal = self.destination(place)["namespace"]
                raise Refused(
                    f"{', '.join(same)} would all be in the namespace {goal} of one cluster: "
                    "give them clusters of their own by --destination NAME=CLUSTER, or another --namespace"
                )

    def _same_goal(self, one: Place, other: Place) -> bool:
        return self.destination(one) == self.destination(other)


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None
