"""The routes below `/prefect/`."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from liftgate.server.prefect import calls, pages
from liftgate.server.prefect.files import BASE

ROUTES: Final = [
    Route(BASE, pages.begin),
    Route(f"{BASE}/ui-settings", pages.settings),
    Route(f"{BASE}/api/admin/settings", pages.server_settings),
    Route(f"{BASE}/api/{{path:path}}", calls.call, methods=list(calls.METHODS)),
    Route(f"{BASE}/{{path:path}}", pages.show),
]
