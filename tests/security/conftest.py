"""The worlds of the use cases and of the Liftgate server, for tests about trust."""

from __future__ import annotations

from tests.server.conftest import real_world, running, world
from tests.services.conftest import course, deployed

__all__ = ["course", "deployed", "real_world", "running", "world"]
