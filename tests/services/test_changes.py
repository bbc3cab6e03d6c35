"""The lock of an environment: what we committed there and did not record, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.domain.promotion import Promotion, Requester
from liftgate.errors import Unavailable
from liftgate.integrations.ledger import git_branch
from liftgate.services.changes import wait_for_others
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW, WORKER, entry, text, values
from tests.integrations.conftest import AUTHOR, Hosted, hosted

__all__ = ["hosted"]
PATH = "configs/prod/values.json"
OURS, OTHER, FORGED, DONE = (f"{n}{n}{n}{n}{n}{n}{n}{n}-1111-4111-8111-111111111111" for n in "1234")


@pytest.fixture
def at(hosted: Hosted, tmp_path: Path) -> Integrations:
    given = {
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_REPOSITORY__URL": f"{hosted.url}/shop/config.git",
        "LIFTGATE_REPOSITORY__TOKEN": hosted.tokens["liftgate-bot"],
    }
    return Integrations(from_variables(given))


def committed(hosted: Hosted, promotion: str, *, forged: bool = False) -> str:
    """On prod's values."""
    mirror = hosted.mirror("worker")
    head = mirror.fetch()
    message = f"Promote\n\nPromotion-Id: {promotion}\nPromotion-Environment: prod\n"
    files = {PATH: text(values("prod", note=head))}
    sha = mirror.write(head, files, message, NOW, AUTHOR, None if forged else WORKER)
    assert mirror.push(sha, mirror.ref, head) == "pushed"
    return sha


def wait(at: Integrations, promotion: str) -> None:
    head = at.git.fetch()
    waiting = Promotion(
        id=promotion, kind="promote", application="example-app", environment="prod", argocd=(("a",),), path=PATH,
        head=head, requester=Requester(name="rosa"), requested_at=NOW,
    )  # fmt: skip
    wait_for_others(at, waiting, head)


def test_a_forged_commit_neither_takes_the_lock_nor_hides_who_holds_it(hosted: Hosted, at: Integrations) -> None:
    committed(hosted, FORGED, forged=True)
    wait(at, OURS)
    committed(hosted, OTHER)
    for _ in range(21):
        committed(hosted, FORGED, forged=True)
    committed(hosted, OURS, forged=True)
    with pytest.raises(Unavailable, match=f"prod is busy with promotion {OTHER}"):
        wait(at, OURS)
    wait(at, OTHER)


def record(hosted: Hosted, promotion: str, revision: str) -> None:
    mirror = hosted.mirror("worker")
    git_branch.append(mirror, entry(promotion=promotion, environment="prod", revision=revision), None, AUTHOR, WORKER)


def test_the_outcome_in_the_ledger_opens_it(hosted: Hosted, at: Integrations) -> None:
    record(hosted, OTHER, committed(hosted, OTHER))
    wait(at, OURS)


def test_an_old_promotions_commit_that_is_merged_again_opens_nothing(hosted: Hosted, at: Integrations) -> None:
    """Whoever may push can merge what we signed once, also a proposal that was refused."""
    old = committed(hosted, DONE)
    record(hosted, DONE, old)
    committed(hosted, OTHER)
    mirror = hosted.mirror("worker")
    head = mirror.fetch()
    tree = mirror.tree_with(head, {PATH: b"{}\n"})
    sha = mirror.commit_tree(tree, [head, old], "Merge\n", NOW, AUTHOR, None)
    assert mirror.push(sha, mirror.ref, head) == "pushed"
    with pytest.raises(Unavailable, match=f"prod is busy with promotion {OTHER}"):
        wait(at, OURS)
