"""Prefect's pages and their settings. The first page needs a signed-in person; its files are public anyway."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from liftgate.errors import LiftgateError
from liftgate.server import signed_in
from liftgate.server.prefect.files import BASE, SECOND, File, find_file
from liftgate.server.render import page, status_of
from liftgate.server.state import ServerState

HEADERS: Final = {
    # No inline program, no form that a browser sends by itself, nothing from other sites: text in Prefect's database
    # can then start nothing in the name of the person who reads it. The drawing of a run needs eval and workers.
    "content-security-policy": (
        "default-src 'none'; script-src 'self' 'unsafe-eval'; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' data: blob:; manifest-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
_KEPT: Final = "private, max-age=31536000, immutable"
"""For files whose names change with their content."""


async def begin(_request: Request) -> Response:
    return RedirectResponse(f"{BASE}/", status_code=307)


async def settings(_request: Request) -> Response:
    """What Prefect's own server says about its pages, but they need no secret here: the person is signed in."""
    second = f"{BASE}/{SECOND.rstrip('/')}" if await run_in_threadpool(find_file, SECOND) else None
    told = {
        "api_url": f"{BASE}/api",
        "csrf_enabled": False,
        "auth": None,
        "flags": [],
        "default_ui": "v1",
        "available_uis": ["v1", "v2"] if second else ["v1"],
        "v1_base_url": BASE,
        "v2_base_url": second,
    }
    return JSONResponse(told, headers=HEADERS)


async def server_settings(_request: Request) -> Response:
    """What the pages read of Prefect's own settings: no advertisements, and nothing is sent to Prefect's maker.

    The settings themselves are for those who run Prefect.
    """
    ui = {"show_promotional_content": False}
    told = {"PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": False, "server": {"analytics_enabled": False, "ui": ui}}
    return JSONResponse(told, headers=HEADERS)


def show(request: Request) -> Response:
    path = str(request.path_params["path"])
    file = find_file(path)
    if file is None:
        return page(request, "trouble.html", {"sentence": "Prefect's pages have no such file"}, status=404)
    return _index(request, file) if file.is_index else _file(path, file)


def _index(request: Request, file: File) -> Response:
    state: ServerState = request.app.state.state
    try:
        person = signed_in.who(state, request)
        problem = "" if person else signed_in.hindered(state, request, "see Prefect's pages")
    except LiftgateError as error:
        return page(request, "trouble.html", {"sentence": str(error)}, status=status_of(error))
    if problem:
        return page(request, "trouble.html", {"sentence": problem, "asks_to_sign_in": True}, status=401)
    return Response(file.data, media_type=file.kind, headers=HEADERS)


def _file(path: str, file: File) -> Response:
    named = path.removeprefix(SECOND).startswith("assets/")
    return Response(file.data, media_type=file.kind, headers=HEADERS | ({"cache-control": _KEPT} if named else {}))
