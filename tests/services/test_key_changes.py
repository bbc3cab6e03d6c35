"""A pull request that changes only the keys of people is judged, where an environment requires signed commits."""

from __future__ import annotations

import pytest

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as PATH
from liftgate.integrations.forge.memory_pull_checks import MemoryPullChecks
from liftgate.services.pull_checks import PullChecks
from tests.examples import ALLOWED_SIGNERS, WORKER, text
from tests.lab import configured
from tests.server.world import World
from tests.services.test_pull_checks import checks, comment, opened, pulls, world

__all__ = ["checks", "pulls", "world"]
KEY = "eve@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJh0CJyNoWpmVNcBGnSp1pZxM5m1PYv7xZkYF0cB2xn\n"


@pytest.mark.parametrize(
    ("policy", "state"), [({}, "success"), ({"dev": {"signatures": "required"}}, "failure")], ids=["free", "required"]
)
def test_an_unsigned_commit_of_the_keys_is_a_failure_where_signatures_are_required(
    world: World, checks: MemoryPullChecks, pulls: PullChecks, policy: dict[str, object], state: str
) -> None:
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))}, key=WORKER)
    head = opened(world, checks, {PATH: (ALLOWED_SIGNERS + KEY).encode()})
    pulls.once()
    (status,) = checks.statuses[head]
    assert status.state == state
    assert (f"`{PATH}`" in comment(checks)) == (state == "failure")
    assert ("dev requires signed commits: the only commit is not validly signed" in comment(checks)) == (
        state == "failure"
    )
