"""What tells one Kubernetes object from another, in a manifest or in the cluster."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from liftgate.domain.value import Json

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_HASHED: Final = re.compile(r"(?P<stem>.+)-[24-9bcdfghkmt]{10}")
"""Kustomize's suffix of generated names, in the letters that it writes hexadecimal with."""


class Key(NamedTuple):
    group: str
    kind: str
    namespace: str
    name: str

    @property
    def stem(self) -> Key:
        """What a generated object is called in every version of it."""
        hashed = _HASHED.fullmatch(self.name) if self.kind in ("ConfigMap", "Secret") else None
        return self._replace(name=hashed["stem"]) if hashed else self


def key_of(manifest: Json) -> Key:
    read = manifest if isinstance(manifest, dict) else {}
    about = metadata(read)
    group = str(read.get("apiVersion") or "").rpartition("/")[0]
    name = about.get("name") or about.get("generateName") or ""
    return Key(group, str(read.get("kind") or ""), str(about.get("namespace") or ""), str(name))


def metadata(manifest: Json) -> Json:
    about = manifest.get("metadata")
    return about if isinstance(about, dict) else {}
