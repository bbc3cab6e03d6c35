"""The lower limit: the time for the same change by a person with git and Argo CD's API (push, refresh, poll)."""

from __future__ import annotations

import time
from typing import Any

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.integrations.http import client

_EVERY = 0.02


def by_hand(world: World, data: bytes) -> float:
    """Seconds from the start of the commit until dev is Synced and Healthy at that commit."""
    began = time.perf_counter()
    revision = world.repository.commit("ada", {"configs/dev/values.json": data}, "Manual change")
    settings = world.at.settings.argocd
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    with client(f"{settings.url}/api/v1", headers) as http:
        query = {"project": settings.project}
        app = http.get(f"/applications/{APPLICATION}-dev", params=query | {"refresh": "normal"}).json()
        while not _is_there(app, revision):
            time.sleep(_EVERY)
            app = http.get(f"/applications/{APPLICATION}-dev", params=query).json()
    return time.perf_counter() - began


def _is_there(app: dict[str, Any], revision: str) -> bool:
    status = app["status"]
    reached = (status["sync"]["status"], status["sync"].get("revision"), status["health"].get("status"))
    return "operation" not in app and reached == ("Synced", revision, "Healthy")
