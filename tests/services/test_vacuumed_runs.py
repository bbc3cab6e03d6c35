"""Prefect has removed an earlier run of a promotion in progress: the promotion goes on, and the ledger answers."""

from __future__ import annotations

from liftgate.services import requests
from tests.server.world import World
from tests.services.walk import Walk, page, walk


def test_a_promotion_goes_on_when_the_run_of_the_environment_before_is_gone(deployed: World) -> None:
    before = walk(deployed, to="dev", by="rosa")
    change = before.commit(*before.to_gate())
    ended = before.end(change, before.deploy(change))
    requests.start_next(deployed.worker, change.copy_with(entry=ended))
    deployed.put(before.run, "COMPLETED")
    (started,) = deployed.at.runs.find(flows=("promote",), states=("SCHEDULED",)).runs
    deployed.engine.remove(before.run)
    deployed.recovery().once()

    going_on = Walk(deployed, deployed.worker, started.id)
    change, _, _ = going_on.to_gate()
    assert (change.environment, str(change.requester)) == ("staging", "rosa")
    assert going_on.to_end().good

    assert ended.sentence in page(deployed, before.run), "the ledger has it"
    assert before.run in deployed.http().get("/history").text
