"""The holder of the worker's keys, in this process and over the socket, for tests about what it signs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from liftgate.domain.approval.gate import Decision
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.integrations.signing import KeyHolder, service
from liftgate.integrations.signing.client import RemoteKeyHolder
from liftgate.services.outcomes import entry_of
from liftgate.wiring import Integrations
from tests.server.world import World, deployed_world
from tests.services.walk import Walk, at_gate

VOTED = Decision(state="open", reason="approved by grace", approved_by=("grace",))


@pytest.fixture(name="world", params=["in this process", pytest.param("over the socket", marks=pytest.mark.long)])
def signing_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Its worker asks a holder of the keys that checks, beside it or behind the socket."""
    with deployed_world(tmp_path) as world:
        if request.param == "in this process":
            yield world
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        checked = holder_of(world.worker)
        answering = Thread(target=service.serve, args=(theirs, checked), daemon=True)
        answering.start()
        remote = RemoteKeyHolder(ours.fileno())
        worker = Integrations(world.at.settings)
        worker.runs, worker.key_holder = world.at.runs, remote
        yield World(world.lab, world.at, worker, world.url, world.app, world.engine)
        remote.close()
        ours.close()
        answering.join(10)
        assert not answering.is_alive(), "it ends with the last process that can ask"


def holder_of(at: Integrations) -> KeyHolder:
    assert at.key_holder is not None
    return at.key_holder


def recorded(world: World) -> tuple[Walk, GatedChange, Entry]:
    """A promotion that was approved, committed and verified, and its entry before it is signed."""
    run, change, plan = at_gate(world)
    world.lab.vote(run.run, "grace", plan=plan.hash)
    change = run.commit(change, plan, VOTED)
    return run, change, entry_of(run.at, change, run.deploy(change))
