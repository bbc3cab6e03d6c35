"""The stream over real connections: what it brings, how it comes back, and that closing it leaves nothing behind."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from liftgate_sandbox.argocd import Timings
from sandbox_tests.argocd.lab import AUTOMATED, Lab
from sandbox_tests.argocd.repository import config_map
from starlette.responses import JSONResponse, Response

from liftgate.integrations.clock import SystemClock
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.wait import Wait
from tests.examples import NOW
from tests.steps.world import Script, serving_all

PATIENCE = 30.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Synced by itself; no comment on the stream ever helps a test along."""
    with Lab(tmp_path_factory.mktemp("watched"), timings=replace(Timings.fast(), keep_alive=600)) as one:
        one.config.write("configs/app/config.yaml", config_map("app"))
        one.config.commit()
        one.create("app", "configs/app", syncPolicy=AUTOMATED).raise_for_status()
        one.settled("app")
        yield one


@pytest.fixture
def lab(shared: Lab) -> Iterator[Lab]:
    yield shared
    shared.no_faults()


class Hurried(ArgoCD):
    reconnect_after = 0.05


class Unhurried(ArgoCD):
    reconnect_after = 600


def adapter(lab: Lab, kind: type[ArgoCD] = Hurried) -> ArgoCD:
    return kind(lab.served.url, lab.argocd.token("promo", "promoter"), "promo")


def push(lab: Lab, value: str) -> str:
    lab.config.write("configs/app/config.yaml", config_map("app", {"a": value}))
    return lab.config.commit()


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.01)
    return False


def no_thread() -> bool:
    return not any(thread.name == "argocd-watch" for thread in threading.enumerate())


def lines_to(url: str) -> list[socket.socket]:
    """This process's open sockets to that server."""
    port = int(url.rpartition(":")[2])
    found = [one for one in gc.get_objects() if type(one) is socket.socket and one.fileno() >= 0]
    return [one for one in found if one.type is socket.SOCK_STREAM and _port(one) == port]


def _port(line: socket.socket) -> int:
    try:
        return int(line.getpeername()[1])
    except (OSError, IndexError):
        return 0


def test_it_begins_with_what_is_and_goes_on_with_what_happens(lab: Lab) -> None:
    watch = adapter(lab).watch("app")
    first = watch.next(PATIENCE)
    assert first
    assert (first.name, first.sync) == ("app", "Synced")
    sha = push(lab, "followed")
    lab.refresh("app")
    lab.settled("app", sha)
    last = watch.next(PATIENCE)
    assert last
    assert last.version > first.version
    watch.close()
    assert eventually(no_thread)


@pytest.mark.parametrize("name", ["app", "nope"])
def test_closing_ends_the_thread_and_its_socket_at_once(lab: Lab, name: str) -> None:
    """Also where not even an answer's headers came: Argo CD is silent about names that it does not know."""
    others = lines_to(lab.served.url)
    watch = adapter(lab).watch(name)
    watch.next(PATIENCE if name == "app" else 0.2)
    [its] = [one for one in lines_to(lab.served.url) if one not in others]
    watch.close()
    assert eventually(no_thread)
    assert its.fileno() == -1


def test_a_watch_closed_before_it_began_ends_too(lab: Lab) -> None:
    adapter(lab).watch("nope").close()
    assert eventually(no_thread)


def certificate(folder: Path) -> Path:
    """One file with a key and what it signs of itself."""
    key, name = generate_private_key(SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "argocd")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = builder.add_extension(here, critical=False)
    signed = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9999)).sign(key, SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "argocd.pem").write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return folder / "argocd.pem"


def test_an_encrypted_connection_is_ended_as_well(tmp_path: Path) -> None:
    """A server that says nothing; it hears the end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            with context.wrap_socket(listener.accept()[0], server_side=True) as line:
                line.recv(4096)
                began.set()
                line.recv(4096)
                heard.set()

        began = threading.Event()
        threading.Thread(target=listen, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        watch = Hurried(url, "token", "promo", verify=False).watch("app")
        assert began.wait(PATIENCE)
        watch.close()
        assert eventually(no_thread)
        assert heard.wait(PATIENCE)


def test_after_a_cut_it_comes_back_with_what_is_then(lab: Lab) -> None:
    lab.fault("stream-cut", times=1)
    watch = adapter(lab).watch("app")
    assert watch.next(PATIENCE)
    sha = push(lab, "after the cut")
    lab.refresh("app")
    lab.settled("app", sha)
    assert eventually(lambda: bool((seen := watch.next(0.1)) and seen.revisions == (sha,)))
    watch.close()


def test_what_the_stream_loses_is_found_by_asking(lab: Lab) -> None:
    """It is cut at once, and does not come back."""
    lab.fault("stream-cut")
    sha = push(lab, "lost")
    slow = adapter(lab, Unhurried)
    wait = Wait(slow, SystemClock(), "app", "p-1", lambda one: "accepted" if one == sha else "older")
    ended = wait.until(20)
    assert (ended.state, ended.revision) == ("deployed", sha)
    assert eventually(no_thread)


@pytest.mark.parametrize("status", [401, 403])
def test_without_the_right_it_does_not_ask_again(status: int) -> None:
    script = Script(JSONResponse({"error": {"http_code": status}}, status))
    with serving_all({"/api/v1/stream/applications": script}) as url:
        watch = Hurried(url, "token", "promo").watch("app")
        assert eventually(no_thread)
        assert watch.next(0.2) is None
    assert len(script.asked) == 1


def test_what_is_no_event_is_passed_over() -> None:
    event = '{"result": {"type": "MODIFIED", "application": {"metadata": {"name": "app", "resourceVersion": "7"}}}}'
    lines = [
        ":",
        'data: {"error": {"http_code": 500}} ',
        'data: {"result": {"type": "DELETED"}} ',
        f"data: {event} ",
        "",
    ]
    script = Script(
        Response("data: {cut", media_type="text/event-stream"), Response(status_code=503),
        Response("\n\n\n".join(lines), media_type="text/event-stream"),
    )  # fmt: skip
    with serving_all({"/api/v1/stream/applications": script}) as url:
        watch = Hurried(url, "token", "promo").watch("app")
        seen = watch.next(PATIENCE)
        watch.close()
        assert eventually(no_thread)
    assert seen
    assert seen.version == 7
