"""Looking at an application's own address, whoever signed its certificate."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from liftgate.integrations import probe
from liftgate.integrations.http import trusted
from tests.integrations.deployer.test_watch import certificate

PATIENCE = 10.0


class Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def address(signed: Path) -> Iterator[str]:
    """An application behind a certificate of the company's own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed)
    with HTTPServer(("127.0.0.1", 0), Well) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/healthz"
        server.shutdown()
        thread.join(PATIENCE)


def test_a_certificate_that_nobody_vouches_for_is_no_answer(address: str) -> None:
    answer = probe.get(address, PATIENCE)
    assert answer.status == 0
    assert "certificate verify failed" in answer.reason


def test_a_company_vouches_for_its_own(address: str, signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    assert probe.get(address, PATIENCE).status == 204


def test_the_certificates_are_read_once() -> None:
    assert trusted() is trusted()
