"""A mirror that is lost or damaged after the commit: the outcome is recorded all the same when its task tries again."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git.mirror import Mirror
from liftgate.services.outcomes import Result
from tests.security.signing import VOTED
from tests.server.world import World
from tests.services.walk import at_gate


def lost(mirror: Mirror) -> None:
    shutil.rmtree(mirror.directory)


def damaged(mirror: Mirror) -> None:
    for path in (mirror.directory / "objects").glob("??/*"):
        path.chmod(0o644)
        path.write_bytes(b"not what was written")


@pytest.mark.parametrize("harm", [lost, damaged])
def test_the_outcome_is_recorded_by_another_try(deployed: World, harm: Callable[[Mirror], None]) -> None:
    run, change, plan = at_gate(deployed)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    change = run.commit(change, plan, VOTED)
    harm(run.at.git)
    result = Result(reason="synced", outcome="promoted")
    with pytest.raises(Unavailable) as told:
        run.end(change, result)
    assert "TOKEN" not in str(told.value), "a process without one says nothing of the token"
    assert run.end(change, result).revision == change.revision
