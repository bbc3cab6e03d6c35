"""The Argo CD Applications of one environment: waves one after another, those of one wave side by side."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def _read(written: Any) -> Any:
    """A name alone, a list of them in order, or within the list a list of those that go together."""
    if isinstance(written, str):
        return ((written,),)
    if isinstance(written, list | tuple):
        return tuple((wave,) if isinstance(wave, str) else wave for wave in written)
    return written


Waves = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_read)]
"""`name`, or `namespace/name` outside Argo CD's own namespace."""


def filled(waves: Waves, application: str, environment: str) -> Waves:
    """With `{application}` and `{environment}` filled in."""
    return tuple(
        tuple(name.replace("{application}", application).replace("{environment}", environment) for name in wave)
        for wave in waves
    )


def names(waves: Waves) -> tuple[str, ...]:
    return tuple(name for wave in waves for name in wave)
