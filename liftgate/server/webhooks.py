"""Webhooks from the forge and Argo CD: authenticated, and only a reason to look sooner."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.server.body import limited_body
from liftgate.server.state import ServerState
from liftgate.services.reviews import promotion_of

_UNPROVEN = Response(status_code=401)
"""What comes of the call's body is dropped."""
_LATER = {"retry-after": "5"}
"""A forge that does not send it again loses nothing: recovery reads the reviews each minute."""
_LARGEST = 2_000_000
"""Bytes. A forge may send more for a push of many commits; Liftgate sees that push at its next look at the branch."""


async def forge(request: Request) -> Response:
    """Authenticated as the forge does it. A review is only a reason to read the reviews from the forge."""
    state: ServerState = request.app.state.state
    if not state.at.forge.may_be_proven(request.headers):
        return _UNPROVEN
    hook = state.at.forge.webhook(request.headers, await limited_body(request, _LARGEST))
    if hook is None:
        return _UNPROVEN
    if hook.is_ignored:
        return JSONResponse({"said": "there is nothing to look at"}, status_code=202)
    state.looked.set()
    state.pulls.changed.set()
    reviewed = promotion_of(hook.reviewed)
    if reviewed and not state.reviews.want(reviewed):
        return JSONResponse({"said": "too many reviews at the moment"}, status_code=429, headers=_LATER)
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)


async def argocd(request: Request) -> Response:
    """Argo CD's notifications carry the secret of `LIFTGATE_ARGOCD__WEBHOOK_SECRET` as a bearer token."""
    state: ServerState = request.app.state.state
    secret = state.at.settings.argocd.webhook_secret.get_secret_value()
    given = request.headers.get("authorization", "")
    if not secret or not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
        return _UNPROVEN
    state.looked.set()
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)
