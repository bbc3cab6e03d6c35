"""What is recorded of a person's own commit: how it came, who brought it, and which gates were not open then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as ALLOWED
from liftgate.domain.commits.revoked_keys import REVOKED_KEYS
from liftgate.integrations.git import usable_configuration
from liftgate.integrations.git.pauses import add_pause
from liftgate.services.by_hand import UNKNOWABLE, UNREAD, by_hand, requester_of
from liftgate.wiring import Integrations
from tests.examples import ALLOWED_SIGNERS, NOW, entry, text
from tests.integrations.git.test_commit_signatures import ADA as KEY
from tests.integrations.git.test_commit_signatures import line
from tests.lab import configured
from tests.server.world import World
from tests.services.by_hand import ADA, approve, changed, commit, hand_of, merge, path_of, propose, push

APPROVALS = {"approvals": {"needed": 1, "from": ["ada", "grace"]}}


def bypassed(at: Integrations, sha: str, environment: str = "dev") -> tuple[str, ...]:
    at.git.fetch()
    return by_hand(at, hand_of(sha, environment)).bypassed


def test_each_gate_that_was_not_open_is_named(world: World) -> None:
    """A pause and a freeze of the time of the commit; a later pause says nothing."""
    frozen = {"freeze": [{"cron": "0 11 * * TUE", "for": "2h"}]}
    policy = {"dev": APPROVALS | frozen, "staging": {}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    world.at.git.fetch()
    add_pause(world.at.git, "dev", "a bad day", world.at.server_author, NOW - timedelta(hours=1))
    add_pause(world.at.git, "staging", "later", world.at.server_author, NOW + timedelta(hours=1))
    found = bypassed(world.at, push(world.lab, cache={"ttl": 5}))
    assert len(found) == 3
    assert all(
        any(said in each for each in found) for said in ("a bad day", "frozen until Tue 24 Nov 13:00", "approval")
    )
    assert bypassed(world.at, push(world.lab, "staging", cache={"ttl": 5}), "staging") == ()


def test_where_no_pull_requests_are_approvals_cannot_be_known(world: World) -> None:
    forge = world.at.settings.forge.model_copy(update={"kind": "git"})
    plain = world.another(forge=forge)
    assert bypassed(plain, push(world.lab, cache={"ttl": 5})) == (), "the policy needs none"
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy={"dev": APPROVALS}))})
    assert bypassed(plain, push(world.lab, cache={"ttl": 6})) == (UNKNOWABLE,)


def test_a_change_does_not_decide_about_itself(world: World) -> None:
    """The policy in force at the commit before counts, also where that commit's own file cannot be used."""
    lab, relaxed = world.lab, text(configured(world.lab))
    gated = text(configured(lab, policy={"dev": APPROVALS}))
    lab.commit({"liftgate.json": gated})
    first = push(lab, cache={"ttl": 5})
    both = {"liftgate.json": relaxed, path_of("dev"): text(lab.json("dev") | {"note": "mine"})}
    assert bypassed(world.at, first)
    assert bypassed(world.at, commit(lab, both))
    for policy in (gated, relaxed):
        lab.commit({"liftgate.json": policy})
        lab.commit({"liftgate.json": b"{"})
        mended = {"liftgate.json": relaxed, path_of("dev"): text(lab.json("dev") | {"note": str(len(policy))})}
        assert bool(bypassed(world.at, commit(lab, mended))) == (policy == gated)


def test_where_no_policy_before_can_be_used_the_gates_were_bypassed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, usable = world.lab, text(configured(world.lab))
    monkeypatch.setattr(usable_configuration, "MOST", 2)
    lab.commit({"liftgate.json": b"{"})
    lab.commit({"liftgate.json": b"["})
    mended = commit(lab, {"liftgate.json": usable, path_of("dev"): text(lab.json("dev") | {"note": "mine"})})
    assert bypassed(world.at, mended) == (UNREAD,)


def test_who_merged_and_whose_review_counts_is_the_forges_word(world: World) -> None:
    """And a review of another head does not count."""
    lab = world.lab
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": APPROVALS}))})
    pull = propose(lab, cache={"ttl": 5})
    approve(lab, pull, "grace")
    there = lab.remote
    moved = there.commit_tree(there.object_id(pull["head"]["sha"], ""), [pull["head"]["sha"]], "More\n", NOW, ADA, None)
    lab.push(moved, f"refs/heads/{pull['head']['ref']}")
    merged = merge(lab, pull, by="rosa")
    world.at.git.fetch()
    found = by_hand(world.at, hand_of(merged))
    assert (found.how, found.by, found.author, found.reviewers) == ("merged", "rosa", "ada", ())
    assert len(found.bypassed) == 1
    assert str(requester_of(found)) == "rosa"


def test_where_signatures_are_required_an_unsigned_change_bypassed_a_gate(world: World) -> None:
    """The next promotion there begins after it, so no later gate asks for its signature."""
    lab = world.lab
    keys = ALLOWED_SIGNERS.encode() + b"\n" + line(KEY)
    written = text(configured(lab, policy={"dev": {"signatures": "required"}}))
    promoted = lab.commit({"liftgate.json": written, ALLOWED: keys})
    world.at.git.fetch()
    world.record(entry(environment="dev", revision=promoted))
    first = push(lab, cache={"ttl": 5})
    (said,) = bypassed(world.at, first)
    assert said.startswith("the only commit is not validly signed")
    files = {path_of("dev"): changed(lab, "dev", cache={"ttl": 6})}
    signed = lab.push(lab.remote.write(lab.remote.head, files, "Mine\n", NOW, ADA, KEY))
    (said,) = bypassed(world.at, signed)
    assert said.startswith(f"1 of 2 commits is not validly signed: {first[:12]}"), "it was not recorded yet"
    world.record(entry(environment="dev", revision=first, promotion="second"))
    assert bypassed(world.at, signed) == ()
    world.record(entry(environment="dev", revision=signed, promotion="third"))
    assert bypassed(world.at, signed) == (), "the signer process finds the same"


def test_a_mistake_in_the_keys_keeps_no_change_from_being_taken_over(world: World) -> None:
    lab = world.lab
    written = text(configured(lab, policy={"dev": {"signatures": "required"}}))
    lab.commit({"liftgate.json": written, REVOKED_KEYS: b"no key\n"})
    (said,) = bypassed(world.at, push(lab, cache={"ttl": 5}))
    assert said.startswith("the signatures cannot be checked: ")
