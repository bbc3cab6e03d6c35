"""The identity of a Kubernetes object, in a manifest or in the cluster."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from liftgate.domain.common.value import Json

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_HASHED: Final = re.compile(r"(?P<stem>.+)-[24-9bcdfghkmt]{10}")
"""Kustomize's hash suffix of generated names, with the characters it uses instead of hexadecimal."""


class Key(NamedTuple):
    group: str
    kind: str
    namespace: str
    name: str

    @property
    def stem(self) -> Key:
        """The part of a generated object's name that all its versions share."""
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
