"""Webhooks from the forge and Argo CD: authenticated, and only a reason to look sooner."""

from __future__ import annotations

import hmac
import logging

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.errors import LiftgateError
from liftgate.server.body import limited_body
from liftgate.server.state import ServerState
from liftgate.services.reviews import promotion_of, take

log = logging.getLogger(__name__)
_UNPROVEN = Response(status_code=401)
"""What comes of the call's body is dropped."""
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
    state.looked.set()
    state.pulls.changed.set()
    reviewed = promotion_of(hook.reviewed)
    then = BackgroundTask(_take, state, reviewed) if reviewed else None
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202, background=then)


def _take(state: ServerState, promotion: str) -> None:
    """Recovery finds what is lost here."""
    try:
        if run := state.at.runs.read(promotion):
            take(state.at, run)
    except LiftgateError as error:
        log.warning("reviews of %s could not be counted now: %s", promotion, error)


async def argocd(request: Request) -> Response:
    """Argo CD's notifications carry the secret of `LIFTGATE_ARGOCD__WEBHOOK_SECRET` as a bearer token."""
    state: ServerState = request.app.state.state
    secret = state.at.settings.argocd.webhook_secret.get_secret_value()
    given = request.headers.get("authorization", "")
    if not secret or not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
        return _UNPROVEN
    state.looked.set()
    return JSONResponse({"said": "the repository is looked at again"}, status_code=202)
