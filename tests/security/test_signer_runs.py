"""What the holder of the worker's keys signs and keeps besides commits: runs that a run starts, and pauses."""

from __future__ import annotations

import pytest

from liftgate.domain.approval.request import ChainedRequest, started
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.statement import signable
from liftgate.domain.commits import signature
from liftgate.errors import Refused
from liftgate.integrations.git.pauses import add_pause
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services import pauses
from liftgate.services.outcomes import Result
from tests.examples import NOW
from tests.security.signing import holder_of, recorded, signing_world
from tests.server.world import World
from tests.services.walk import Walk

__all__ = ["signing_world"]


def chained(run: Walk, before: str, requester: Requester, **parameters: str) -> bytes:
    """The statement that `before` started a new run of the flow with these parameters."""
    at = run.at
    made = at.runs.create("promote", {"application": "example-app"} | parameters)
    begun = started(at.runs.name, "promote", made.id, made.parameters)
    return signable(ChainedRequest(started=begun, before=before, requester=requester, at=NOW))


def test_a_run_starts_the_next_one_for_its_own_requester_and_release_only(world: World) -> None:
    run, change, entry = recorded(world)
    rosa, release = change.requester, entry.release
    holder = holder_of(run.at)
    honest = chained(run, change.id, rosa, to="staging", release=release)
    with pytest.raises(Refused, match="verified no release"):
        holder.signature(honest, signature.RUNS)
    run.end(change, Result(reason="", outcome="promoted"))
    assert holder.signature(honest, signature.RUNS)
    ada = Requester(name="ada", proof="server")
    for lie in (
        chained(run, change.id, ada, to="staging", release=release),
        chained(run, change.id, rosa, to="prod", release=release),
        chained(run, change.id, rosa, to="staging", release="sha256:" + "0" * 64),
        chained(run, "11111111-1111-4111-8111-111111111111", rosa, to="staging", release=release),
        honest.replace(b"rosa", b"adam"),
        honest + b" ",
        b"{}",
    ):
        with pytest.raises(Refused):
            holder.signature(lie, signature.RUNS)


def test_a_worker_at_a_gate_keeps_a_pause_in_the_ledger_and_no_other_unsigned_commit(world: World) -> None:
    add_pause(world.at.git, "dev", "a bad day", world.at.server_author, NOW)
    at = world.worker
    at.git.fetch()
    tip = at.git.resolve(REF)
    forged = at.git.write(tip, {"pauses/pause-all/x.lifted": b"{}"}, "mine\n", NOW, at.author, None)
    with pytest.raises(Refused):
        holder_of(at).push(forged, REF, tip)
    pauses.keep_pauses(at, at.author)
    assert [each.branch_deleted for each in at.pauses()] == [False]
    assert at.git.resolve(REF) != tip
