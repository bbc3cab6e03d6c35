"""Calls from the forge and from Argo CD: proven, and then only a reason to look sooner."""

from __future__ import annotations

import hmac
import logging

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.errors import LiftgateError
from liftgate.gatehouse.body import read
from liftgate.gatehouse.house import House
from liftgate.services.reviews import promotion_of, take

log = logging.getLogger(__name__)
_LARGEST = 25_000_000


async def forge(request: Request) -> Response:
    """Proven as the forge proves its calls. A review is only a reason to read them from the forge."""
    house: House = request.app.state.house
    body = await read(request, _LARGEST)
    if body is None:
        return Response(status_code=413)
    hook = house.at.forge.webhook(request.headers, body)
    if hook is None:
        return Response(status_code=401)
    house.looked.set()
    reviewed = promotion_of(hook.reviewed)
    then = BackgroundTask(_take, house, reviewed) if reviewed else None
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202, background=then)


def _take(house: House, promotion: str) -> None:
    """What is lost here the sweep finds."""
    try:
        if run := house.at.runs.read(promotion):
            take(house.at, run)
    except LiftgateError as error:
        log.warning("reviews of %s could not be counted now: %s", promotion, error)


async def argocd(request: Request) -> Response:
    """Argo CD's notifications carry the secret of `LIFTGATE_ARGOCD__WEBHOOK_SECRET` as a bearer token."""
    house: House = request.app.state.house
    secret = house.at.settings.argocd.webhook_secret.get_secret_value()
    given = request.headers.get("authorization", "")
    if not secret or not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
        return Response(status_code=401)
    house.looked.set()
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)
