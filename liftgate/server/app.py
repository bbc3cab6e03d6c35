"""The Liftgate server's routes."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from liftgate.server import api, metrics, pages, pause, sign_in, sign_out, slack, webhooks
from liftgate.server.background import life
from liftgate.server.body import Room, Unread, unread
from liftgate.server.deadline import Deadline
from liftgate.server.openapi import served
from liftgate.server.prefect.routes import ROUTES as PREFECT
from liftgate.server.sign_in_limits import limited
from liftgate.server.state import ServerState
from liftgate.services.session import CALLBACK
from liftgate.wiring import Integrations


def application(at: Integrations) -> Starlette:
    """Sends no request before it gets the first one; recovery runs during the app's lifespan."""
    app = Starlette(
        routes=ROUTES,
        lifespan=life,
        middleware=[Middleware(Deadline)],
        exception_handlers=REFUSALS,
    )
    app.state.state, app.state.room = ServerState(at), Room()
    return app


REFUSALS = {Unread: unread, HTTPException: api.no_route}
ROUTES = [
    Route("/", pages.board),
    Route("/history", pages.history),
    Route("/promotions/{id:uuid}", pages.promotion),
    Route("/promotions/{id:uuid}/decision", pages.decision, methods=["POST"]),
    Route("/pause", pause.show, methods=["GET"]),
    Route("/pause", pause.change, methods=["POST"]),
    Route("/promotions/{id:uuid}/rollback", pages.rollback, methods=["GET"]),
    Route("/promotions/{id:uuid}/rollback", pages.go_back, methods=["POST"]),
    Route("/sign-in", limited(sign_in.show), methods=["GET"]),
    Route("/sign-in", limited(sign_in.use), methods=["POST"]),
    Route("/sign-in/oidc", limited(sign_in.begin)),
    Route(CALLBACK, limited(sign_in.finish)),
    Route("/sign-out", sign_out.show, methods=["GET"]),
    Route("/sign-out", sign_out.leave, methods=["POST"]),
    Route("/slack/interactions", slack.interactions, methods=["POST"]),
    Route("/webhooks/forge", webhooks.forge, methods=["POST"]),
    Route("/webhooks/argocd", webhooks.argocd, methods=["POST"]),
    *served(api.router),
    *PREFECT,
    Route("/metrics", metrics.metrics),
    Route("/healthz", api.alive),
    Route("/readyz", api.ready),
    Mount("/assets", StaticFiles(directory=Path(__file__).with_name("assets"))),
]
