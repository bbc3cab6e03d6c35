"""What is committed: the plan that was approved, once nobody else holds the environment (what we committed there and
did not record, and nothing else, is its lock)."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.domain.approval.requester import Requester
from liftgate.domain.common.value import Json
from liftgate.domain.promotion.attempt import Promotion
from liftgate.errors import Unavailable
from liftgate.integrations.ledger import git_branch
from liftgate.services import approvals
from liftgate.services.commit_plan import wait_for_others
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW, RELEASE, WORKER, entry, text, values
from tests.integrations.conftest import AUTHOR, Hosted, hosted
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import at_gate, walk

__all__ = ["hosted"]
TTL = "/application/environment/configs/cache/ttl"
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
    place = "Promotion-Application: example-app\nPromotion-Environment: prod\n"
    message = f"Promote\n\nPromotion-Id: {promotion}\n{place}"
    files = {PATH: text(values("prod", note=head))}
    sha = mirror.write(head, files, message, NOW, AUTHOR, None if forged else WORKER)
    assert mirror.push(sha, mirror.ref, head) == "pushed"
    return sha


def wait(at: Integrations, promotion: str) -> None:
    head = at.git.fetch()
    waiting = Promotion(
        id=promotion, release=RELEASE, application="example-app", environment="prod", argocd=(("a",),), paths=(PATH,),
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
    git_branch.append_entry(
        mirror, entry(promotion=promotion, environment="prod", revision=revision), {}, AUTHOR, WORKER
    )


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


def test_a_change_under_the_plan_is_a_new_plan_and_a_new_gate(deployed: World) -> None:
    """Of the values, or of what verification is."""
    run, change, plan = at_gate(deployed)
    deployed.lab.commit({"configs/dev/values.json": text(values("dev") | {"note": "somebody's own"})})
    assert run.commit(change, plan).revision == ""
    change = run.look_again(change)
    planned = run.plan(change)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    assert approvals.gate(run.at, change, planned).waits, "grace approved what was planned before"
    without = configured(deployed.lab, policy={"dev": {"approvals": {"needed": 1}}})
    del without["applications"]["example-app"]["checks"]["integration-test"]
    deployed.lab.commit({"liftgate.json": text(without)})
    assert run.commit(change, planned).revision == "", "what was approved had an integration test"
    change = run.look_again(change)
    assert run.plan(change).hash not in (plan.hash, planned.hash)
    deployed.lab.vote(run.run, "grace", plan=run.plan(change).hash)
    assert (deployed.lab.version("dev"), change.previous) == ("1.4.1", "1.4.1")
    assert run.commit(change, run.plan(change)).revision
    assert (deployed.lab.version("dev"), deployed.lab.json("dev")["note"]) == ("1.4.2", "somebody's own")


def test_an_update_sets_a_value_or_null_and_removes_one(deployed: World) -> None:
    steps: list[tuple[dict[str, Json], list[str], dict[str, Json]]] = [
        ({TTL: 600}, [], {"ttl": 600}),
        ({TTL: None}, [], {"ttl": None}),
        ({}, [TTL], {}),
    ]
    for changes, remove, left in steps:
        run = walk(deployed, "update", environment="dev", changes=changes, remove=remove)
        entry = run.to_end()
        assert (entry.kind, entry.outcome) == ("update", "promoted")
        assert deployed.lab.json("dev")["application"]["environment"]["configs"]["cache"] == left
