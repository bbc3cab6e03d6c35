"""The check of people's pull requests together with several files, renames, and files that cannot be listed or read."""

from __future__ import annotations

from liftgate.integrations.forge.memory_pull_checks import MemoryPullChecks
from liftgate.services.pull_checks import PullChecks
from tests.examples import entry, text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.test_pull_checks import PROD, checks, comment, opened, pulls, world

__all__ = ["checks", "pulls", "world"]


def test_a_file_with_a_name_that_cannot_be_is_a_failure(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    written = configured(world.lab)
    written["applications"]["example-app"]["values"] = "*s.json"
    world.lab.commit({"liftgate.json": text(written)})
    head = opened(world, checks, {"configs/prod/\x07s.json": text({})})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]
    assert "cannot stand in a commit's message" in comment(checks)


def test_after_a_rename_what_was_promoted_under_the_earlier_name_still_asks_upstream(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    """As the take-over of the merge does."""
    world.record(entry(environment="staging", release="sha256:" + "0" * 64))
    written = configured(world.lab)
    written["applications"] = {"store": written["applications"]["example-app"] | {"was": "example-app"}}
    world.lab.commit({"liftgate.json": text(written)})
    head = opened(world, checks, {PROD: text(values("prod", "1.9.9"))})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]
    assert "not verified in staging" in comment(checks)


def test_values_that_cannot_be_read_are_no_success_without_a_step_that_reads_them(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    stages = [{"name": "validate", "steps": ["security-scan"]}]
    written = configured(world.lab, pipeline={"stages": stages}, policy={"prod": {}, "dev": {}})
    world.lab.commit({"liftgate.json": text(written)})
    head = opened(world, checks, {PROD: b"{"})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]
    head = opened(world, checks, {PROD: b"[]\n"})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]


def test_the_comment_names_the_file_of_each_value(world: World, checks: MemoryPullChecks, pulls: PullChecks) -> None:
    written = configured(world.lab)
    written["applications"]["example-app"]["values"] = "*s.json"
    world.lab.commit({"liftgate.json": text(written), "configs/prod/limits.json": text({"rate": 1})})
    opened(world, checks, {"configs/prod/limits.json": None, "configs/prod/features.json": text({"rate": 2})})
    pulls.once()
    assert "`features.json /rate`" in comment(checks)
    assert "`limits.json /rate`" in comment(checks)


def test_a_pull_request_can_mend_a_file_name_that_cannot_be(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    written = configured(world.lab, policy={})
    written["applications"]["example-app"]["values"] = "*s.json"
    world.lab.commit({"liftgate.json": text(written), "configs/prod/\x07s.json": text({})})
    head = opened(world, checks, {"configs/prod/\x07s.json": None})
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["pending"], "for its approval"


def test_a_file_that_a_fork_adds_for_a_glob_is_checked(
    world: World, checks: MemoryPullChecks, pulls: PullChecks
) -> None:
    written = configured(world.lab)
    written["applications"]["example-app"]["values"] = "*s.json"
    world.lab.commit({"liftgate.json": text(written)})
    head = opened(world, checks, {"configs/prod/features.json": b'{"rate": 1, "rate": 2}\n'}, is_fork=True)
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]
    assert "features.json" in comment(checks)
    head = opened(world, checks, {"configs/prod/\x07s.json": text({})}, 2, is_fork=True)
    pulls.once()
    assert [each.state for each in checks.statuses[head]] == ["failure"]
