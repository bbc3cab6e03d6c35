"""The Argo CD Applications of one environment: waves in order, those of one wave side by side."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema


def _read(written: Any) -> Any:
    """A name, a list of names in order, or inside the list a list of names that are synced together."""
    if isinstance(written, str):
        return ((written,),)
    if isinstance(written, list | tuple):
        return tuple((wave,) if isinstance(wave, str) else wave for wave in written)
    return written


_NAMES: Final = {"type": "array", "items": {"type": "string"}}
_WRITTEN: Final = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": [{"type": "string"}, _NAMES]}}]}

SyncWaves = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_read), WithJsonSchema(_WRITTEN)]
"""`name`, or `namespace/name` outside Argo CD's own namespace."""


def filled(sync_waves: SyncWaves, application: str, environment: str) -> SyncWaves:
    """With `{application}` and `{environment}` filled in."""
    return tuple(
        tuple(name.replace("{application}", application).replace("{environment}", environment) for name in wave)
        for wave in sync_waves
    )


def names(sync_waves: SyncWaves) -> tuple[str, ...]:
    return tuple(name for wave in sync_waves for name in wave)
