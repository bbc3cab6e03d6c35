"""What every forge with rules of branches must do: read them, set them, and leave what others set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.difference import changes, lines
from liftgate.domain.protection.foreign import foreign_lines
from liftgate.domain.protection.ruleset import HEADS, Rule, Ruleset
from liftgate.domain.protection.wanted import wanted_rulesets
from liftgate.errors import Refused
from liftgate.integrations.forge.protection import NoRight, Protection
from liftgate.integrations.forge.protection_memory import InMemoryRules
from tests.examples import SEED
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import BOT, made

FOREIGN = Ruleset(name="ours", include=(f"{HEADS}main",), rules=(Rule(type="required_linear_history"),))


class World(Protocol):
    """A forge with the worker's account, an administrator `owner`, and rules that other people set."""

    def asked_by(self, login: str) -> Protection: ...


class OnGitHub:
    def __init__(self, hosted: Hosted) -> None:
        self.hosted = hosted
        hosted.forge.add_user("owner", "token-of-owner", permission="admin")

    def asked_by(self, login: str) -> Protection:
        return made(self.hosted, token=f"token-of-{login}").protection()


class InMemory:
    def __init__(self, hosted: Hosted) -> None:
        del hosted
        self.rules = InMemoryRules()
        self.rules.add("owner", is_admin=True)
        self.rules.add(BOT)

    def asked_by(self, login: str) -> Protection:
        return self.rules.protection(login)


@pytest.fixture(params=[OnGitHub, InMemory])
def world(request: pytest.FixtureRequest, hosted: Hosted) -> World:
    make: Callable[[Hosted], World] = request.param
    return make(hosted)


def wanted(world: World, **policy: Any) -> tuple[Ruleset, ...]:
    configuration = Configuration.model_validate(SEED | {"policy": policy})
    return wanted_rulesets(configuration, "main", (world.asked_by("owner").account(BOT).actor,))


def brought(world: World, rulesets: tuple[Ruleset, ...]) -> list[str]:
    """The names of the rulesets that were written."""
    owner = world.asked_by("owner")
    written = changes(rulesets, owner.seen(rulesets))
    for each in written:
        owner.write(each)
    return [each.name for each in written]


def test_from_nothing_to_protected_and_the_second_time_nothing(world: World) -> None:
    rulesets = wanted(world)
    assert brought(world, rulesets) == [each.name for each in rulesets]
    assert brought(world, rulesets) == []
    seen = world.asked_by("owner").seen(rulesets)
    assert [line.wanted for line in lines(rulesets, seen) if line.state != "in place"] == []


def test_rules_of_others_stay_and_count(world: World) -> None:
    owner = world.asked_by("owner")
    owner.write(FOREIGN.copy_with(rules=(Rule(type="deletion"), Rule(type="non_fast_forward"))))
    rulesets = wanted(world)
    assert brought(world, rulesets) == [each.name for each in rulesets[1:]]
    assert [rule.type for rule in owner.seen(rulesets).foreign["main"]] == ["deletion", "non_fast_forward"]


def test_a_rule_of_others_that_may_keep_the_worker_from_pushing_is_named(world: World) -> None:
    rulesets, owner = wanted(world), world.asked_by("owner")
    brought(world, rulesets)
    assert list(foreign_lines(rulesets, owner.seen(rulesets))) == []
    reviewed = next(rule for each in rulesets for rule in each.rules if rule.type == "pull_request")
    owner.write(FOREIGN.copy_with(rules=(reviewed, Rule(type="deletion"))))
    owner.write(FOREIGN.copy_with(name="theirs", include=(f"{HEADS}liftgate/**",), rules=(Rule(type="creation"),)))
    main, own = foreign_lines(rulesets, owner.seen(rulesets))
    assert (main.wanted, main.state) == ("the worker may push to main", "not checked")
    assert main.there.endswith("let pass: pull_request")
    assert own.wanted == "the worker may push to Liftgate's own branches"
    assert own.there.endswith("let pass: creation")


def test_what_a_person_added_to_a_ruleset_of_ours_stays(world: World) -> None:
    rulesets, owner = wanted(world), world.asked_by("owner")
    brought(world, rulesets)
    ours = next(each for each in owner.seen(rulesets).own if each.name == rulesets[0].name)
    more = Rule(type="required_linear_history")
    owner.write(ours.copy_with(rules=(more,), include=(*ours.include, f"{HEADS}other")))
    assert brought(world, rulesets) == [rulesets[0].name]
    after = next(each for each in owner.seen(rulesets).own if each.name == rulesets[0].name)
    assert after.id == ours.id
    assert after.include == (f"{HEADS}main", f"{HEADS}other")
    assert [rule.type for rule in after.rules] == ["required_linear_history", "deletion", "non_fast_forward"]


def test_a_ruleset_that_was_turned_off_is_turned_on(world: World) -> None:
    rulesets, owner = wanted(world), world.asked_by("owner")
    brought(world, rulesets)
    ours = owner.seen(rulesets).own[0]
    owner.write(ours.copy_with(active=False))
    assert brought(world, rulesets) == [ours.name]
    assert brought(world, rulesets) == []


def test_without_the_right_it_says_so_and_changes_nothing(world: World) -> None:
    rulesets, worker = wanted(world), world.asked_by(BOT)
    with pytest.raises(NoRight):
        worker.write(rulesets[0])
    assert worker.seen(rulesets).own == ()
    assert rulesets[0].name in worker.by_hand(rulesets[0])


def test_the_worker_itself_sees_whether_it_is_protected(world: World) -> None:
    rulesets = wanted(world)
    brought(world, rulesets)
    worker = world.asked_by(BOT)
    assert worker.own_account() == world.asked_by("owner").account(BOT)
    assert changes(rulesets, worker.seen(rulesets)) == ()
    ours = next(each for each in world.asked_by("owner").seen(rulesets).own if each.bypass)
    world.asked_by("owner").write(ours.copy_with(bypass=()))
    assert [each.name for each in changes(rulesets, worker.seen(rulesets))] == [ours.name]


def test_an_account_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(Refused, match='no account "nobody-at-all"'):
        world.asked_by("owner").account("nobody-at-all")
    assert world.asked_by("owner").account("deploy-key").actor.id is None
