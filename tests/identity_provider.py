"""An OpenID Connect provider from a package, on a loopback port; the package forgets to check PKCE, so this does."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from oidc_provider_mock import app
from sandbox_tests.plain import http

Wsgi = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"email": "ada@example.com", "email_verified": True, "employee": "E-1"},
    "grace": {"email": "grace@example.com", "email_verified": False},
    "mallory": {"email": "mallory@example.com", "email_verified": True},
}


class WithPkce:
    """Each code is worth something only with the verifier of the challenge that the browser brought (RFC 7636)."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._challenges: dict[str, str] = {}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/oauth2/authorize":
            query = parse_qs(environ["QUERY_STRING"])
            if query.get("code_challenge_method") != ["S256"]:
                return refuse(start, "invalid_request")
            return self._app(environ, self._noting(query["code_challenge"][0], start))
        if environ["PATH_INFO"] == "/oauth2/token" and not self._fits(environ):
            return refuse(start, "invalid_grant")
        return self._app(environ, start)

    def _noting(self, challenge: str, start: StartResponse) -> StartResponse:
        def noting(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            to = next((value for name, value in headers if name.lower() == "location"), "")
            for code in parse_qs(urlsplit(to).query).get("code", []):
                self._challenges[code] = challenge
            return start(status, headers, *more)

        return noting

    def _fits(self, environ: WSGIEnvironment) -> bool:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(body)
        fields = parse_qs(body.decode())
        digest = hashlib.sha256(fields.get("code_verifier", [""])[0].encode()).digest()
        given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self._challenges.pop(fields.get("code", [""])[0], None) == given


def refuse(start: StartResponse, error: str) -> Iterable[bytes]:
    start("400 Bad Request", [("content-type", "application/json")])
    return [f'{{"error": "{error}"}}'.encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without asking which name the address has, as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


@contextmanager
def provider() -> Iterator[str]:
    """Its issuer, with PEOPLE as users."""
    server = make_server("127.0.0.1", 0, WithPkce(app(require_nonce=True)), Threaded, Quiet)
    issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        for name, claims in PEOPLE.items():
            http.put(f"{issuer}/users/{name}", json=claims).raise_for_status()
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
