"""Debian's own OpenSSH server, started by the test on a free port; a test is skipped where it is not installed."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from sandbox_tests.plain import eventually

from liftgate.domain.commits.public_key import pack
from liftgate.runtime.ports import LOOPBACK, free_port

PACKAGE: Final = "openssh-server"
_CONFIG: Final = """\
ListenAddress {host}
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
Banner {folder}/banner
KexAlgorithms curve25519-sha256
"""
BANNER: Final = "Permission denied (publickey).\nHost key verification failed.\n"
"""What the server says before sign-in; it must decide nothing."""


@dataclass(frozen=True)
class SshServer:
    folder: Path
    port: int

    @property
    def address(self) -> str:
        """The beginning of `ssh://` addresses; an absolute path follows."""
        return f"ssh://{getpass.getuser()}@{LOOPBACK}:{self.port}"

    @property
    def key(self) -> str:
        """The private key that the server accepts."""
        return (self.folder / "client").read_text()

    @property
    def known_hosts(self) -> str:
        """The line that names its host key."""
        return f"[{LOOPBACK}]:{self.port} {(self.folder / 'host.pub').read_text()}"


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip(f"there is no sshd here: install Debian's package {PACKAGE}")
    folder.mkdir()
    for name in ("host", "client"):
        make_key(folder / name)
    shutil.copy(folder / "client.pub", folder / "authorized")
    (folder / "banner").write_text(BANNER)
    if os.geteuid() == 0:  # sshd wants this folder if root starts it; Debian makes it when the machine starts
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = SshServer(folder, free_port())
    config = folder / "config"
    config.write_text(_CONFIG.format(host=LOOPBACK, port=server.port, folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        assert eventually(lambda: b"Server listening" in (folder / "log").read_bytes()), (folder / "log").read_text()
        yield server
    finally:
        process.terminate()
        process.wait(10)


def make_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> str:
    """A new private key as text, with its public half beside it."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path.read_text()


def disconnect(reason: bytes) -> bytes:
    """The packet of RFC 4253, sections 6 and 11.1, before any encryption."""
    payload = b"\x01" + struct.pack(">I", 2) + pack(reason, b"")
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


@contextmanager
def talking(packet: bytes) -> Iterator[int]:
    """A server at the port that says who it is, sends the packet and waits until the client has left."""

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.sendall(b"SSH-2.0-test\r\n" + packet)
                    while connection.recv(4096):
                        pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
