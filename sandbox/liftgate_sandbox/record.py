"""What the servers of the sandbox keep: frozen records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen; changed by making a copy and putting that into the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")
