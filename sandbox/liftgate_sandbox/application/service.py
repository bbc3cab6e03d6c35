"""The HTTP side of the sandbox's application: one service for each namespace of the cluster."""

from __future__ import annotations

import hashlib
import html
from datetime import UTC, datetime
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from liftgate_sandbox.application.program import settings, settings_text, version_of


class Serving(Protocol):
    """What the service has to know of the cluster: what the newest ready pod runs with, and its log."""

    def serving(self, namespace: str) -> dict[str, Any] | None:
        """`{"files": {name: text}, "problem": text}` of the pod that answers, None when there is none."""

    def lines(self, namespace: str) -> list[tuple[float, str, str]]:
        """The log: epoch seconds, pod, text."""


def application(cluster: Serving, namespace: str) -> Starlette:
    """`/healthz`, `/config`, `/logs` and a page for people; 503 while no pod is ready."""

    def health(_: Request) -> Response:
        pod = cluster.serving(namespace)
        if pod is None or pod["problem"]:
            reason = pod["problem"] if pod else "no instance is ready"
            return JSONResponse({"status": "unhealthy", "reason": reason}, status_code=503)
        return JSONResponse({"status": "ok", "version": _version(pod["files"])})

    def config(_: Request) -> Response:
        pod = cluster.serving(namespace)
        if pod is None:
            return JSONResponse({"reason": "no instance is ready"}, status_code=503)
        text = settings_text(pod["files"]) or ""
        fingerprint = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        values = masked(_settings(pod["files"]))
        return JSONResponse({"fingerprint": fingerprint, "version": _version(pod["files"]), "values": values})

    def logs(_: Request) -> Response:
        lines = [f"{_time(at)} {pod} {text}\n" for at, pod, text in cluster.lines(namespace)]
        return PlainTextResponse("".join(lines))

    def page(_: Request) -> Response:
        pod = cluster.serving(namespace)
        return HTMLResponse(_page(namespace, pod), status_code=200 if pod else 503)

    routes = {"/healthz": health, "/config": config, "/logs": logs, "/": page}
    return Starlette(routes=[Route(path, endpoint) for path, endpoint in routes.items()])


def masked(values: Any) -> Any:
    """The same structure with every text, number and switch replaced: settings may be secret."""
    if isinstance(values, dict):
        return {name: masked(value) for name, value in values.items()}
    if isinstance(values, list):
        return [masked(value) for value in values]
    return None if values is None else "•••"


def _settings(files: dict[str, str]) -> Any:
    try:
        return settings(files)
    except ValueError:
        return None


def _version(files: dict[str, str]) -> str:
    return version_of(_settings(files))


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(namespace: str, pod: dict[str, Any] | None) -> str:
    if pod is None:
        version, state = "", "No instance is ready."
    else:
        version = f"Version {_version(pod['files'])}"
        state = f"Unhealthy: {pod['problem']}" if pod["problem"] else "All is well."
    title = html.escape(namespace)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        "<meta name=viewport content='width=device-width'><meta http-equiv=refresh content=2>"
        "<body style='font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem'>"
        f"<h1>{title}</h1><p>{html.escape(version)}</p><p>{html.escape(state)}</p>"
    )
