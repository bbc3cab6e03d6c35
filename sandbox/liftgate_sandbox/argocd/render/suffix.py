"""The suffix that Kustomize gives to generated names: the same content, the same name."""

from __future__ import annotations

import hashlib

from liftgate_sandbox.argocd.kube import Object, compact

_LETTERS = str.maketrans("013ae", "ghkmt")


def content_suffix(generated: Object) -> str:
    """Ten characters from kind and content; name, labels and annotations have no part in it."""
    hashed: Object = {"kind": generated["kind"], "name": "", "data": generated.get("data", "")}
    for field in ("type", "binaryData"):
        if field in generated:
            hashed[field] = generated[field]
    return hashlib.sha256(compact(hashed).encode()).hexdigest()[:10].translate(_LETTERS)
