"""Hooks: objects that a sync runs and does not compare, so a changed hook is not OutOfSync."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from liftgate.domain.argocd import manifest
from liftgate.domain.common.value import Json

HOOK: Final = "argocd.argoproj.io/hook"
_HELM: Final = "helm.sh/hook"
_RUN: Final = frozenset(
    ("PreSync", "Sync", "PostSync", "pre-install", "pre-upgrade", "post-install", "post-upgrade"),
)
"""Argo CD's names and Helm's, without hooks that run only after a failure or never (Helm's tests)."""


def has_hooks(rendered: Sequence[Json]) -> bool:
    """Whether a sync of these manifests runs a hook."""
    return any(_kinds(each) & _RUN for each in rendered)


def is_same(now: Sequence[Json], synced: Sequence[Json]) -> bool:
    """Whether both have the same objects, in any order: then the hooks have run on the current objects."""
    return _texts(now) == _texts(synced)


def _texts(rendered: Sequence[Json]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in rendered)


def _kinds(rendered: Json) -> set[str]:
    notes = manifest.metadata(rendered).get("annotations") if isinstance(rendered, dict) else None
    found = (notes.get(HOOK) or notes.get(_HELM)) if isinstance(notes, dict) else None
    return {part.strip() for part in str(found or "").split(",")}
