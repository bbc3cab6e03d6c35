"""The base of every value: frozen, strict about unknown fields."""

from __future__ import annotations

from typing import Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

Json: TypeAlias = Any
"""A value as `json.loads` gives it: dict, list, str, int, float, bool or None."""


class Value(BaseModel):
    """Equal by content, safe to share between threads and to send between processes."""

    # Built when it is first used: a command uses few of the models that it imports. pydantic locks this since 2.14.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def copy_with(self, **fields: Any) -> Self:
        """A copy with these fields, validated like a new value (pydantic's own copy validates nothing).

        Raises pydantic.ValidationError for a field that does not exist or does not fit: a bug in Liftgate.
        """
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate(kept | fields, by_name=True)
