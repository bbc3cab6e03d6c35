"""Hooks: what a sync runs besides what it applies; no comparison sees that one of them has changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from liftgate.domain import manifest
from liftgate.domain.value import Json

HOOK: Final = "argocd.argoproj.io/hook"
_HELM: Final = "helm.sh/hook"
_RUN: Final = frozenset(
    ("PreSync", "Sync", "PostSync", "pre-install", "pre-upgrade", "post-install", "post-upgrade"),
)
"""By Argo CD's words and by Helm's; what runs only after a failure, or never (Helm's tests), is not among them."""


def has_hooks(rendered: Sequence[Json]) -> bool:
    """Whether a sync of these manifests runs something."""
    return any(_kinds(each) & _RUN for each in rendered)


def is_same(now: Sequence[Json], synced: Sequence[Json]) -> bool:
    """Whether both have the same objects, in whatever order: then the hooks have run, and on what is there now."""
    return _texts(now) == _texts(synced)


def _texts(rendered: Sequence[Json]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in rendered)


def _kinds(rendered: Json) -> set[str]:
    notes = manifest.metadata(rendered).get("annotations") if isinstance(rendered, dict) else None
    found = (notes.get(HOOK) or notes.get(_HELM)) if isinstance(notes, dict) else None
    return {part.strip() for part in str(found or "").split(",")}
