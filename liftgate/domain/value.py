"""The base of every value: frozen, strict about unknown fields."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

Json: TypeAlias = Any
"""A value as `json.loads` gives it: dict, list, str, int, float, bool or None."""


class Value(BaseModel):
    """Equal by content, safe to share between threads and to send between processes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
