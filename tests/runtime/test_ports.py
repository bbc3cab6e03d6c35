"""Ports that programs of this machine are told to use."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from liftgate.runtime import ports

OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not OUTGOING.exists(), reason="only Linux tells its range")
def test_no_outgoing_connection_takes_the_port_before_its_program_does() -> None:
    lowest, highest = map(int, OUTGOING.read_text().split())
    assert not any(lowest <= port <= highest for port in (ports.free_port() for _ in range(200)))


def test_a_port_in_use_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as used:
        used.bind((ports.LOOPBACK, 0))
        taken = used.getsockname()[1]
        free = ports.free_port()
        monkeypatch.setattr(ports, "CHOSEN_FROM", (taken, free))
        assert {ports.free_port() for _ in range(30)} == {free}
