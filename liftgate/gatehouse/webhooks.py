"""Calls from the forge and from Argo CD: proven, and then only a reason to look sooner."""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.gatehouse.body import read
from liftgate.gatehouse.house import House

_LARGEST = 25_000_000


async def forge(request: Request) -> Response:
    """GitHub's `X-Hub-Signature-256` over the raw body. A review wakes nothing yet: no rule counts reviews."""
    house: House = request.app.state.house
    secret = house.at.settings.forge.webhook_secret.get_secret_value()
    body = await read(request, _LARGEST)
    if body is None:
        return Response(status_code=413)
    given = request.headers.get("x-hub-signature-256", "")
    ours = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(given.encode(), ours.encode()):
        return Response(status_code=401)
    house.looked.set()
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)


async def argocd(request: Request) -> Response:
    """Argo CD's notifications carry the secret of `LIFTGATE_ARGOCD__WEBHOOK_SECRET` as a bearer token."""
    house: House = request.app.state.house
    secret = house.at.settings.argocd.webhook_secret.get_secret_value()
    given = request.headers.get("authorization", "")
    if not secret or not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
        return Response(status_code=401)
    house.looked.set()
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)
