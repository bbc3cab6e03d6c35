"""What a person mended in one environment by an update, and promoted from there to the next one."""

from __future__ import annotations

from liftgate.domain.ledger.ledger import Entry
from liftgate.services import approvals
from tests.examples import text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import Walk, walk

SEARCH = "/application/features/search"


def mended(world: World, version: str = "1.4.2") -> Walk:
    """dev has 1.4.2, where rosa switches search off; the base may be ahead by then. grace requests the promotion of
    what dev verified to staging, where a person must approve."""
    policy = {"staging": {"deliver": "push", "approvals": {"needed": 1}}}
    rules = [{"pointer": SEARCH, "owner": "promote"}]
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy, rules=rules))})
    walk(world, to="dev").to_end()
    if version != "1.4.2":
        world.lab.commit({"configs/base/values.json": text(values("base", version))})
    walk(world, "update", by="rosa", environment="dev", changes={SEARCH: False}).to_end()
    return walk(world, by="grace", to="staging")


def approved(run: Walk, person: str = "ada") -> Entry:
    """To its end, with this person's vote."""
    change, plan, _ = run.asks()
    run.world.lab.vote(run.run, person, plan=plan.hash)
    decision = approvals.gate(run.at, change, plan)
    assert decision.opens, decision
    change = run.commit(change, plan, decision)
    return run.end(change, run.deploy(change))


def test_who_mended_it_may_not_approve_it(deployed: World) -> None:
    run = mended(deployed)
    change, plan, _ = run.asks()
    deployed.lab.vote(run.run, "rosa", plan=plan.hash)
    decision = approvals.gate(run.at, change, plan)
    assert decision.waits, decision


def test_it_is_signed_while_the_base_has_another_version(deployed: World) -> None:
    assert approved(mended(deployed, "1.4.3")).outcome == "promoted"


def test_the_next_version_is_not_older_though_its_commit_is(deployed: World) -> None:
    """1.4.3 was released before search was switched off in dev."""
    approved(mended(deployed, "1.4.3"))
    walk(deployed, to="dev", release="1.4.3").to_end()
    assert approved(walk(deployed, by="grace", to="staging")).outcome == "promoted"
    assert deployed.lab.version("staging") == "1.4.3"
