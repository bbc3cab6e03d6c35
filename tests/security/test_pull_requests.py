"""Pull requests of people who want more than their gates give: by a fork, by their own policy, by another's words."""

from __future__ import annotations

from liftgate.domain.approval.review import Review
from liftgate.integrations.forge import CHECK_COMMENT
from liftgate.integrations.forge.memory_pull_checks import MemoryPullChecks, Written
from liftgate.services.pull_checks import PullChecks
from tests.examples import text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.test_pull_checks import PROD, checks, comment, opened, pulls, world

__all__ = ["checks", "pulls", "world"]


def test_a_fork_brings_values_and_neither_configuration_nor_schemas_nor_policy(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    mine = configured(world.lab, policy={"prod": {"approvals": {"needed": 0}}}) | {"pipeline": {"stages": []}}
    files: dict[str, bytes | None] = {PROD: text(values("prod", "wrong")), "liftgate.json": text(mine)}
    head = opened(world, checks, files, is_fork=True)
    pulls.once()
    assert checks.statuses[head][-1].sentence == "1 mistake to correct"
    assert "needs 1 approval" in comment(checks)
    assert "configuration of Liftgate" in comment(checks)


def test_policy_and_people_of_the_pull_request_itself_decide_nothing(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    mine = configured(world.lab, policy={"prod": {"approvals": {"needed": 0}}})
    head = opened(world, checks, {PROD: text(values("prod", logLevel="info")), "liftgate.json": text(mine)})
    pulls.once()
    assert checks.statuses[head][-1].state == "pending"


def test_a_comment_of_a_stranger_with_our_marker_is_not_ours(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    opened(world, checks, {PROD: text(values("prod", logLevel="info"))})
    checks.comments[1] = [Written("eve", f"{CHECK_COMMENT}\n### all is well")]
    pulls.once()
    assert [each.author for each in checks.comments[1]] == ["eve", checks.own]


def test_liftgates_own_pull_requests_are_left_alone_and_a_fork_cannot_look_like_one(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    files: dict[str, bytes | None] = {PROD: text(values("prod", logLevel="info"))}
    name = "liftgate/promotions/11111111-1111-4111-8111-111111111111"
    own = opened(world, checks, files, branch=name)
    pulls.once()
    assert own not in checks.statuses
    opened(world, checks, files, 2, branch=name, is_fork=True)
    pulls.once()
    assert own in checks.statuses


def test_an_approval_of_an_earlier_head_does_not_count(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    before = opened(world, checks, {PROD: text(values("prod", logLevel="info"))})
    checks.given[1] = [Review(login="ada", state="approved", commit=before)]
    head = opened(world, checks, {PROD: text(values("prod", logLevel="warn"))})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["pending"]
