"""A flow that was taken over asks the holder of the key to sign what Git and the forge do not say of a commit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liftgate.domain.approval.vote import Vote
from liftgate.domain.commits import signature
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.release import Release
from liftgate.errors import Refused
from liftgate.integrations.deployer import Deployed
from liftgate.services.outcomes import Result, entry_of, record_once
from tests.examples import text
from tests.lab import configured
from tests.security.signing import holder_of, signing_world
from tests.server.world import World
from tests.services.by_hand import begin, hand_of, push, seen_by_both, taken_over
from tests.services.course import Course

__all__ = ["signing_world"]
FOUND = Result(outcome="verified", reason="synced", deployed=Deployed(state="deployed", reason="synced"))
RESULT = Result(outcome="promoted", reason="synced", deployed=Deployed(state="deployed", reason="synced"))
FORGED: dict[str, Callable[[Entry], dict[str, object]]] = {
    "not by hand": lambda _: {"by_hand": None},
    "not bypassed": lambda entry: {"by_hand": _with(entry, bypassed=())},
    "another gate": lambda entry: {"by_hand": _with(entry, bypassed=("frozen",))},
    "merged": lambda entry: {"by_hand": _with(entry, how="merged")},
    "reviewed": lambda entry: {"by_hand": _with(entry, reviewers=("grace",))},
    "by another": lambda entry: {"by_hand": _with(entry, by="grace"), "requested_by": "grace"},
    "requested by another": lambda _: {"requested_by": "grace"},
    "proven": lambda _: {"proof": "forge"},
    "approved": lambda _: {"approved_by": ("grace",)},
    "with a plan": lambda _: {"plan": "sha256:" + "0" * 64},
    "another promotion": lambda entry: {"promotion": hand_of(entry.revision, "prod").promotion},
    "another environment": lambda _: {"environment": "prod"},
    "another release": lambda _: {"release": "sha256:" + "0" * 64},
    "another version": lambda _: {"version": "9.9.9"},
    "another file": lambda _: {"values_path": "configs/prod/values.json"},
    "a rollback of another": lambda _: {"reverts": "one"},
    "refused": lambda _: {"outcome": "refused"},
    "verified by a promotion": lambda _: {
        "promotion": "one",
        "kind": "promote",
        "outcome": "verified",
        "by_hand": None,
    },
}


def _with(entry: Entry, **changes: object) -> ByHand:
    assert entry.by_hand is not None
    return entry.by_hand.copy_with(**changes)


def sign(world: World, entry: Entry) -> str:
    return holder_of(world.worker).signature(ledger.signable(entry), signature.LEDGER)


def test_only_what_git_and_the_forge_say_of_a_commit_is_signed(world: World) -> None:
    """One scene for all forgeries: each is refused, and the honest entry beside them is signed."""
    course = Course(world.lab, world.worker)
    course.past("1.4.2")
    policy = {"dev": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    push(world.lab, cache={"ttl": 5})
    (run,) = taken_over(course)
    honest = entry_of(world.worker, begin(course, run), RESULT)
    assert honest.bypassed
    for name, forge in FORGED.items():
        with pytest.raises(Refused):
            pytest.fail(f"signed: {name}: {sign(world, honest.copy_with(**forge(honest)))}")
    assert sign(world, honest)


def test_a_promotion_of_ours_is_no_change_by_hand(world: World) -> None:
    course = Course(world.lab, world.worker)
    change = course.under_way("1.4.3")
    honest = entry_of(world.worker, change, RESULT)
    by_hand = ByHand(how="pushed", by="ada", bypassed=("needs 1 approval",))
    for forged in (
        {"by_hand": by_hand},
        {
            "by_hand": by_hand,
            "kind": "update",
            "promotion": hand_of(honest.revision).promotion,
            "plan": "",
            "source": "",
        },
    ):
        with pytest.raises(Refused):
            pytest.fail(sign(world, honest.copy_with(**forged)))
    assert sign(world, honest)


def test_a_change_by_hand_below_a_promotion_is_signed_before_its_outcome_as_git_says_it(world: World) -> None:
    course = Course(world.lab, world.worker)
    course.past("1.4.2")
    course.release("1.4.3")
    pushed = push(world.lab, cache={"ttl": 5})
    change = course.commit(course.begin(course.start("promote", to="dev")))
    assert record_once(world.worker, change, RESULT).promotion == change.id
    (hand,) = [each for each in world.lab.entries("dev") if each.by_hand]
    assert (hand.revision, hand.outcome) == (pushed, "superseded")
    with pytest.raises(Refused):
        pytest.fail(sign(world, hand.copy_with(promotion=hand_of(pushed, "prod").promotion)))


def test_a_persons_commit_is_not_recorded_with_the_votes_of_a_promotion(world: World) -> None:
    """The votes are real, and of another plan's commit."""
    course = Course(world.lab, world.worker)
    course.past("1.4.2")
    commit = push(world.lab, cache={"ttl": 5})
    world.worker.git.fetch()
    course.release("1.4.3")
    policy = {"dev": {"approvals": {"needed": 1}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    run = course.start_as("rosa", "promote", to="dev")
    change = course.commit(course.begin(run), "grace")
    honest = entry_of(world.worker, change, RESULT)
    assert honest.votes
    assert isinstance(honest.votes[0], str | Vote)
    forged = honest.copy_with(revision=commit, outcome="verified")
    with pytest.raises(Refused):
        pytest.fail(sign(world, forged))


def test_a_persons_commit_verifies_no_release_that_it_does_not_bring(world: World) -> None:
    course = Course(world.lab, world.worker)
    course.past("1.4.2")
    _, found, _ = seen_by_both(course)
    honest = entry_of(world.worker, found, FOUND)
    course.release("1.4.9")
    world.worker.git.fetch()
    newer = world.worker.tree(world.worker.git.head).newest_release("example-app")
    for forged in (
        {"release": newer.id},
        {"version": newer.version},
        {"release": newer.id, "version": newer.version, "source": newer.source, "source_blob": blob_of(world, newer)},
    ):
        for outcome in ("verified", "failed"):
            with pytest.raises(Refused):
                pytest.fail(f"{forged}: {sign(world, honest.copy_with(outcome=outcome, **forged))}")
    assert sign(world, honest)


def blob_of(world: World, release: Release) -> str:
    return world.worker.git.object_id(release.source, release.paths[0])
