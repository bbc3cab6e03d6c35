"""Bring a commit to the cluster, and decide which later revisions count as it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Protocol

from liftgate.domain.promotion.attempt import Attempt, GatedChange, TakeOver
from liftgate.integrations.deployer import Deployed, fleet
from liftgate.integrations.deployer.wait import Wait
from liftgate.integrations.deployer.wait_state import Standing
from liftgate.integrations.git.own_files import is_unchanged
from liftgate.services.in_force import seen_by
from liftgate.services.patience import verdict_of_looks
from liftgate.services.ports import HasBranch, HasDeployer, HasLimits
from liftgate.services.standing_values import replaced
from liftgate.services.taken_out import is_taken_out, taken_out_of


class Ports(HasBranch, HasDeployer, HasLimits, Protocol):
    """What these use cases need."""


def bring_to_cluster(at: Ports, promotion: Attempt) -> Deployed:
    """How the wait ended. A failure is a value, so that the rollback starts at once; an error is not a result."""
    brought = partial(_brought, seen_by(at, promotion), promotion)
    return verdict_of_looks(at.clock, at.limits.sync, brought, _in_vain)


def _in_vain(why: str) -> Deployed:
    return Deployed(state="timed out", reason=why)


def _brought(at: Ports, promotion: Attempt, within: float) -> Deployed:
    if isinstance(promotion, TakeOver) and is_taken_out(at, at.tree(promotion.head), promotion.hand):
        return Deployed(state="superseded", reason=taken_out_of(promotion.hand))
    if _landed_on_other_values(at, promotion):
        return Deployed(
            state="failed",
            reason="the values changed just before the merge: the merged file is not the approved one",
        )
    began, tell, lock = at.clock.monotonic(), _printer(), Lock()

    def wait(application: str) -> Deployed:
        left = within - (at.clock.monotonic() - began)
        classify = partial(_one_at_a_time, lock, at, promotion)
        return Wait(at.deployer, at.clock, application, promotion.id, classify, at.limits.patience).until(left, tell)

    return _unless_replaced(at, promotion, fleet.bring(promotion.argocd, wait))


def _unless_replaced(at: Ports, promotion: Attempt, deployed: Deployed) -> Deployed:
    """What Argo CD cannot render it gives no revision: it may be what a person pushed on top."""
    if deployed.state not in ("failed", "timed out") or _is_a_persons(promotion):
        return deployed
    if revision_standing(at, promotion, deployed.revision) == "accepted":
        return deployed
    why = replaced(at, promotion)
    return deployed.copy_with(state="superseded", reason=why) if why else deployed


def _one_at_a_time(lock: Lock, at: Ports, promotion: Attempt, revision: str) -> Standing:
    """Waits for several Argo CD Applications at once share one mirror."""
    with lock:
        return revision_standing(at, promotion, revision)


def revision_standing(at: Ports, promotion: Attempt, revision: str) -> Standing:
    """A later commit that did not change the application's files there counts as ours."""
    if revision == promotion.revision:
        return "accepted"
    if len(revision) != 40:
        return "unrelated"
    if not at.git.resolve(revision):
        at.git.fetch()
    if not at.git.resolve(revision):
        return "unrelated"
    if not at.git.is_ancestor(promotion.revision, revision):
        return "older" if at.git.is_ancestor(revision, promotion.revision) else "unrelated"
    # For a person's own commit, the branch as it was when the run found that commit counts.
    ours = at.tree(promotion.head if _is_a_persons(promotion) else promotion.revision)
    same = is_unchanged(ours, at.tree(revision), promotion.paths)
    return "accepted" if same else "superseded"


def _is_a_persons(promotion: Attempt) -> bool:
    return isinstance(promotion, TakeOver) or (isinstance(promotion, GatedChange) and promotion.found)


def _landed_on_other_values(at: Ports, promotion: Attempt) -> bool:
    """A forge's merge is no compare-and-swap: the merged files must be those that were proposed. What people merge of
    their own was not proposed to Liftgate."""
    if isinstance(promotion, TakeOver):
        return False
    is_there = at.git.resolve(promotion.revision)
    parents = at.git.commits([promotion.revision])[0].parents if is_there else ()
    return len(parents) == 2 and any(
        at.git.object_id(parents[1], path) != at.git.object_id(promotion.revision, path) for path in promotion.paths
    )


def _printer() -> Callable[[str], None]:
    said: list[str] = []

    def tell(sentence: str) -> None:
        if sentence not in said[-1:]:
            said.append(sentence)
            print(sentence)

    return tell
