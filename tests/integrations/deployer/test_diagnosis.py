"""Why Argo CD does not answer, asked of real servers: plain, with TLS, of another kind, and of none that speak HTTP."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from liftgate.integrations.deployer.diagnosis import fault
from tests.integrations.deployer.test_watch import certificate

SETTING = "set LIFTGATE_ARGOCD__URL="


class ArgoCD(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the base class's name
        said = {"Version": "v3.5.1"} if self.path == "/api/version" else {"code": 5}
        self.send_response(200 if self.path == "/api/version" else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: object) -> None: ...


class Shop(ArgoCD):
    """Any other web server: a page for whatever is asked."""

    server_version, sys_version = "shop/1", ""

    def do_GET(self) -> None:  # the base class's name
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Welcome</html>")


class Greeter(BaseRequestHandler):
    """As SSH does: it speaks first, and no HTTP."""

    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
        self.request.recv(1024)


@contextmanager
def served(server: ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    folder: Path = tmp_path_factory.mktemp("certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    secure = ThreadingHTTPServer(("127.0.0.1", 0), ArgoCD)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    with ExitStack() as stack:
        nothing = stack.enter_context(socket.socket())
        nothing.bind(("127.0.0.1", 0))  # taken, and nobody listens
        yield {
            "plain": stack.enter_context(served(ThreadingHTTPServer(("127.0.0.1", 0), ArgoCD))),
            "tls": stack.enter_context(served(secure)),
            "shop": stack.enter_context(served(ThreadingHTTPServer(("127.0.0.1", 0), Shop))),
            "ssh": stack.enter_context(served(ThreadingTCPServer(("127.0.0.1", 0), Greeter))),
            "nothing": nothing.getsockname()[1],
        }


def said(url: str, ports: dict[str, int], *, verify: bool = False, usual: str = "") -> str:
    """`{name}` in the address is the port of that server; `usual` names the ports that are tried besides."""
    others = tuple(ports[name] for name in usual.split())
    return fault(url.format(**ports), verify=verify, ports=others)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{plain}", "https://127.0.0.1:{tls}", "http://127.0.0.1:{plain}/"])
def test_where_argo_cd_answers_nothing_is_wrong(url: str, ports: dict[str, int]) -> None:
    assert said(url, ports) == ""


@pytest.mark.parametrize(
    ("url", "usual", "words", "better"),
    [
        ("127.0.0.1:{tls}", "", "has no scheme", "https://127.0.0.1:{tls}"),
        ("127.0.0.1:{plain}/", "", "has no scheme", "http://127.0.0.1:{plain}"),
        ("argocd.invalid", "", "has no scheme", "https://argocd.invalid"),
        ("http://127.0.0.1:{tls}", "", "does not speak http", "https://127.0.0.1:{tls}"),
        ("https://127.0.0.1:{plain}", "", "does not speak https", "http://127.0.0.1:{plain}"),
        ("http://127.0.0.1:{nothing}", "tls", "nothing listens at 127.0.0.1:{nothing}", "https://127.0.0.1:{tls}"),
        ("http://127.0.0.1:{shop}", "plain", "no Argo CD answers at 127.0.0.1:{shop} (HTTP 200, text/html, shop/1)",
         "http://127.0.0.1:{plain}"),
        ("http://127.0.0.1:{plain}/applications", "", "no Argo CD answers at 127.0.0.1:{plain}/applications (HTTP 404",
         "http://127.0.0.1:{plain}"),
        ("https://127.0.0.1:{ssh}", "tls", "127.0.0.1:{ssh} does not speak https", "https://127.0.0.1:{tls}"),
        ("http://127.0.0.1:{ssh}", "tls", "127.0.0.1:{ssh} does not speak http", "https://127.0.0.1:{tls}"),
        ("https://127.0.0.1:99999", "tls", "its port is no number from 1 to 65535", "https://127.0.0.1:{tls}"),
    ],
)  # fmt: skip
def test_the_cause_comes_with_the_setting_and_its_right_value(
    url: str, usual: str, words: str, better: str, ports: dict[str, int]
) -> None:
    told = said(url, ports, usual=usual)
    assert words.format(**ports) in told
    assert told.endswith(SETTING + better.format(**ports))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{shop}", "no Argo CD was found at this host's usual ports"),
        ("http://127.0.0.1:{nothing}", "kubectl port-forward"),
        ("https://argocd.invalid", "there is no host argocd.invalid"),
        ("grpc://127.0.0.1:{plain}", "begins with grpc://"),
        ("https://", "names no host"),
    ],
)
def test_where_no_better_address_is_known_it_says_where_to_look(url: str, words: str, ports: dict[str, int]) -> None:
    told = said(url, ports)
    assert words in told
    assert "LIFTGATE_ARGOCD__URL" in told


def test_a_certificate_that_nobody_signed_is_not_called_a_wrong_address(ports: dict[str, int]) -> None:
    told = said("https://127.0.0.1:{tls}", ports, verify=True)
    assert "SSL_CERT_FILE" in told
    assert "LIFTGATE_ARGOCD__INSECURE=true" in told


def test_credentials_in_the_address_are_not_shown(ports: dict[str, int]) -> None:
    assert "hunter2" not in said("http://ada:hunter2@127.0.0.1:{shop}", ports, usual="plain")
    assert "hunter2" not in said("https://ada:hunter2@127.0.0.1:{plain}", ports)
