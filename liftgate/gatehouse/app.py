"""The gatehouse's addresses."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from liftgate.gatehouse import api, line, metrics, pages, sign_in, slack, webhooks
from liftgate.gatehouse.background import life
from liftgate.gatehouse.house import House
from liftgate.gatehouse.openapi import served
from liftgate.wiring import Integrations


def application(at: Integrations) -> Starlette:
    """Nothing is asked of anybody until the first request; the sweep runs while the application's lifespan does."""
    app = Starlette(routes=ROUTES, lifespan=life)
    app.state.house = House(at)
    return app


ROUTES = [
    Route("/", pages.board),
    Route("/history", pages.history),
    Route("/promotions/{id:uuid}", pages.promotion),
    Route("/promotions/{id:uuid}/decision", pages.decision, methods=["POST"]),
    Route("/line", line.show, methods=["GET"]),
    Route("/line", line.change, methods=["POST"]),
    Route("/promotions/{id:uuid}/rollback", pages.rollback, methods=["GET"]),
    Route("/promotions/{id:uuid}/rollback", pages.go_back, methods=["POST"]),
    Route("/sign-in", sign_in.show, methods=["GET"]),
    Route("/sign-in", sign_in.use, methods=["POST"]),
    Route("/sign-out", sign_in.leave, methods=["POST"]),
    Route("/slack/interactions", slack.interactions, methods=["POST"]),
    Route("/webhooks/forge", webhooks.forge, methods=["POST"]),
    Route("/webhooks/argocd", webhooks.argocd, methods=["POST"]),
    *served(api.router),
    Route("/metrics", metrics.metrics),
    Route("/healthz", api.alive),
    Route("/readyz", api.ready),
    Mount("/assets", StaticFiles(directory=Path(__file__).with_name("assets"))),
]
