"""The text of Prefect's Resume form: what is decided, by which policy, and where an answer counts."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.services import approvals
from liftgate.services.suspension import Suspension, suspend
from tests.examples import text
from tests.lab import configured
from tests.server.world import World
from tests.services.conftest import deployed
from tests.services.walk import walk

__all__ = ["deployed"]


def asked(world: World, policy: Mapping[str, object], **changes: str) -> tuple[str, Suspension]:
    """The run that waits at dev, and what it tells people."""
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy={"dev": policy}))})
    run = walk(world, by="rosa", to="dev", at=world.another(server=world.at.settings.server.model_copy(update=changes)))
    change = run.begin()
    plan = run.plan(change)
    return run.run, suspend(run.at, change, plan, approvals.gate(run.at, change, plan))


def test_it_shows_plan_and_policy_and_says_where_to_decide(deployed: World) -> None:
    policy = {"approvals": {"needed": 1, "from": ["ada", "grace"]}, "freeze": [{"cron": "0 18 * * FRI", "for": "62h"}]}
    run, said = asked(deployed, policy)
    assert f"**Decide [on the promotion's page]({deployed.url}/promotions/{run}).**" in said.form
    assert "an answer in this form does not count" in said.form
    assert "- 1 approval needed, by ada, grace, but not by the requester or the authors" in said.form
    assert "nothing is applied for 2 days 14 h from" in said.form
    assert "needs 1 approval: ada or grace" in said.form
    assert "/application/version" in said.form
    assert said.seconds > 0


def test_without_a_liftgate_server_it_names_the_command(deployed: World) -> None:
    run, said = asked(deployed, {"approvals": {"needed": 2}}, url="")
    assert f"**Decide with `liftgate approve {run}`.**" in said.form
    assert "- 2 approvals needed, by any identified person, but not by the requester or the authors" in said.form


def test_where_the_policy_takes_unidentified_people_the_form_is_the_place(deployed: World) -> None:
    _, said = asked(deployed, {"approvals": {"needed": 1, "unproven": True}})
    assert "You can decide in this form" in said.form


def test_where_only_time_is_missing_no_person_has_to_decide(deployed: World) -> None:
    _, said = asked(deployed, {"freeze": [{"cron": "0 0 * * *", "for": "23h"}, {"cron": "0 12 * * *", "for": "23h"}]})
    assert "No person has to decide." in said.form
    assert "- no approval needed" in said.form
