"""Liftgate itself goes on under all rules that `liftgate protect` sets: by push, by pull request, and in its ledger."""

from __future__ import annotations

from liftgate_sandbox.town import BOT, REPOSITORY

from liftgate.domain.protection.difference import changes
from liftgate.domain.protection.wanted import wanted_rulesets
from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from tests.security.signing import VOTED
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, at_gate, walk


def protect(world: World) -> None:
    """By an administrator, for the policy of this moment."""
    world.lab.town.forge.add_user("owner", "token-of-owner", permission="admin")
    access = Access(url=world.at.settings.forge.url, repository=REPOSITORY, token="token-of-owner")
    rules = GitHub(access).protection()
    configuration = world.at.tree(world.at.git.fetch()).configuration
    wanted = wanted_rulesets(configuration, "main", (rules.account(BOT).actor,))
    for each in changes(wanted, rules.seen(wanted)):
        rules.write(each)
    assert changes(wanted, rules.seen(wanted)) == ()


def test_a_promotion_by_push_and_its_outcome(deployed: World) -> None:
    protect(deployed)
    entry = walk(deployed, by="rosa", to="dev").to_end()
    assert (entry.outcome, deployed.lab.version("dev")) == ("promoted", "1.4.2")


def test_a_promotion_by_pull_request(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    protect(deployed)
    committed = run.commit(change, plan, VOTED)
    assert committed.revision
    assert deployed.lab.version("dev") == "1.4.2"
    assert run.end(committed, run.deploy(committed)).outcome == "promoted"
