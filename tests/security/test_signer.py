"""A step, or a flow that was taken over, asks the holder of the worker's key for what Git and the votes do not give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.unsigned_commit import unsigned_commit
from liftgate.domain.ledger import ledger
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import GatedChange, proposal_branch
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.git.pauses import add_pause
from liftgate.integrations.git.repository import Author
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services import pauses
from liftgate.services.outcomes import Result
from liftgate.services.planning import applied
from liftgate.services.proposals import preview_of, proposed_commit
from tests.examples import NOW, text, values
from tests.security.signing import VOTED, holder_of, recorded, signing_world
from tests.server.world import World
from tests.services.walk import Walk, at_gate, gated, walk

__all__ = ["signing_world"]


class Forger:
    """The commit of a promotion, with one thing in it changed."""

    def __init__(self, walk: Walk, change: GatedChange, plan: Plan) -> None:
        self.at, self.change, self.plan = walk.at, change, plan
        self.files: dict[str, bytes | None] = {**applied(self.at.git, change.head, plan)}
        self.parents, self.author, self.title = [change.head], self.at.author, change.title
        self.trailers = message.trailers_of(change, plan, ())

    def commit(self) -> bytes:
        tree = self.at.git.tree_with(self.change.head, self.files)
        said = message.compose(self.title, "", self.trailers)
        return unsigned_commit(tree, self.parents, said, when=NOW, name=self.author.name, email=self.author.email)

    def signed(self) -> str:
        return holder_of(self.at).signature(self.commit(), signature.COMMITS)


def another_value(forged: Forger) -> None:
    forged.files[forged.change.paths[0]] = text(values("dev", "6.6.6"))


def another_file(forged: Forger) -> None:
    forged.files[".liftgate/allowed_signers"] = b""


def another_environment(forged: Forger) -> None:
    forged.files = {"configs/prod/values.json": forged.files[forged.change.paths[0]]}


def another_author(forged: Forger) -> None:
    forged.author = Author(name="ada", email="ada@example.com")


def a_second_parent(forged: Forger) -> None:
    forged.parents = [*forged.parents, *forged.at.git.commits(forged.parents)[0].parents]


def a_parent_of_its_own(forged: Forger) -> None:
    own = forged.at.git.write(forged.change.head, {"a": b"1"}, "mine\n", NOW, forged.at.author, None)
    forged.parents = [own]


def no_parent(forged: Forger) -> None:
    forged.parents = []


def an_approval_nobody_gave(forged: Forger) -> None:
    forged.trailers = message.trailers_of(forged.change, forged.plan, ("grace",))


def another_plan(forged: Forger) -> None:
    forged.trailers = [(key, "sha256:" + "0" * 64 if key == message.PLAN else said) for key, said in forged.trailers]


def another_requester(forged: Forger) -> None:
    forged.trailers = [(key, "ada" if said == "rosa" else said) for key, said in forged.trailers]


def another_run(forged: Forger) -> None:
    forged.trailers = [(message.PROMOTION_ID, "00000000-0000-0000-0000-000000000000"), *forged.trailers[1:]]


def one_trailer_more(forged: Forger) -> None:
    forged.trailers = [*forged.trailers, (message.RESTORES, forged.change.id)]


def another_title(forged: Forger) -> None:
    forged.title = "Approved by ada"


FORGED: list[Callable[[Forger], None]] = [
    another_value, another_file, another_environment, another_author, a_second_parent, a_parent_of_its_own, no_parent,
    an_approval_nobody_gave, another_plan, another_requester, another_run, one_trailer_more, another_title,
]  # fmt: skip


def test_only_the_commit_that_git_and_the_run_give_is_signed(world: World) -> None:
    """One scene for all forgeries: each is refused, and the honest commit beside them is signed."""
    walked, change, plan = at_gate(world)
    for forge in FORGED:
        forged = Forger(walked, change, plan)
        forge(forged)
        with pytest.raises(Refused):
            pytest.fail(f"signed with {forge.__name__}: {forged.signed()}")
    honest = Forger(walked, change, plan)
    assert signature.signer_of(
        honest.commit(), honest.signed(), signature.COMMITS, world.at.tree(change.head).signers
    ) == ("liftgate@example.com")


def test_the_key_signs_nothing_else(world: World) -> None:
    """No other namespace, and no bytes that are neither a commit nor an entry."""
    holder = holder_of(world.worker)
    for namespace in (signature.VOTES, signature.DRIFT, "file", ""):
        with pytest.raises(Refused, match="signs nothing"):
            holder.signature(b"{}", namespace)
    for data in (b"", b"{}", b"tree x\n\n", b'{"promotion": 1}', b"\xff" * 100):
        for namespace in (signature.COMMITS, signature.LEDGER):
            with pytest.raises(Refused):
                holder.signature(data, namespace)


def test_a_proposal_reaches_the_branch_only_through_its_gate(world: World) -> None:
    """The commit may be signed, since people look at it; it is pushed when proven people approved exactly this plan."""
    run, change, plan = at_gate(world)
    holder, git = holder_of(run.at), run.at.git
    sha = proposed_commit(run.at, change, plan)
    with pytest.raises(Refused, match="needs 1 approval"):
        holder.push(sha, git.ref, change.head)
    with pytest.raises(Refused, match="needs 1 approval"):
        holder.forge("merge", {"number": 1, "head": sha, "title": "", "message": ""})
    world.lab.vote(run.run, "rosa", plan=plan.hash)
    world.lab.vote(run.run, "grace", plan="sha256:" + "0" * 64)
    with pytest.raises(Refused, match="needs 1 approval"):
        holder.push(sha, git.ref, change.head)
    assert world.lab.version("dev") == "1.4.1"
    world.lab.vote(run.run, "grace", plan=plan.hash)
    assert run.commit(change, plan, VOTED).revision
    assert world.lab.version("dev") == "1.4.2"


def test_refs_move_only_to_what_the_key_signed_and_only_the_workers_own(world: World) -> None:
    run, change, plan = at_gate(world)
    holder, git = holder_of(run.at), run.at.git
    sha = proposed_commit(run.at, change, plan)
    unsigned = git.write(change.head, {"a": b"1"}, "mine\n", NOW, run.at.author, None)
    for ref in (git.ref, REF, f"refs/heads/{proposal_branch(change.id)}"):
        with pytest.raises(Refused, match="no commit that this worker signed"):
            holder.push(unsigned, ref, change.head)
    for ref in ("refs/heads/other", REF, "refs/tags/v1", "refs/heads/liftgate/promotions/other", "refs/heads/x y"):
        with pytest.raises(Refused):
            holder.push(sha, ref, "")
    preview = f"refs/heads/{preview_of(change)}"
    for ref in (git.ref, REF, "refs/heads/liftgate/pause-all", f"{preview}:{git.ref}", f"{preview}*", f"{preview} x"):
        with pytest.raises(Refused, match="does not remove"):
            holder.push(sha, preview, "", ref)
        assert not git.resolve(preview), "nothing was pushed"
        with pytest.raises(Refused, match="does not remove"):
            holder.remove(ref)
    assert holder.push(sha, f"refs/heads/{proposal_branch(change.id)}", "") == "pushed"
    holder.remove(f"refs/heads/{proposal_branch(change.id)}")


def test_the_forge_is_asked_about_proposals_only(world: World) -> None:
    holder = holder_of(world.worker)
    for verb, given in (
        ("propose", {"branch": "main", "base": "main", "title": "", "body": ""}),
        ("find", {"branch": "liftgate/promotions/1", "base": "other"}),
        ("close", {"number": 1, "branch": "main", "comment": ""}),
        ("webhook", {"branch": "liftgate/promotions/1"}),
        ("__init__", {"branch": "liftgate/promotions/1"}),
    ):
        with pytest.raises(Refused):
            holder.forge(verb, given)


def test_an_entry_says_only_what_git_the_run_and_the_votes_say(world: World) -> None:
    run, change, honest = recorded(world)
    holder = holder_of(run.at)
    for lie in (
        {"approved_by": ("grace", "ada")},
        {"requested_by": "ada"},
        {"proof": "schedule"},
        {"environment": "prod"},
        {"application": "other"},
        {"plan": "sha256:" + "0" * 64},
        {"revision": change.head},
        {"revision": "d" * 40},
        {"revision": ""},
        {"promotion": "another"},
        {"source": change.head},
        {"release": "sha256:" + "0" * 64},
        {"version": "6.6.6"},
        {"source_path": "configs/prod/values.json"},
        {"source_blob": "0" * 40},
        {"values_path": "configs/prod/values.json"},
    ):
        with pytest.raises(Refused):
            pytest.fail(f"{lie}: {holder.signature(ledger.signable(honest.copy_with(**lie)), signature.LEDGER)}")
    written = run.end(change, Result(reason="", outcome="promoted"))
    assert (written.approved_by, written.requested_by) == (("grace",), "rosa")
    with pytest.raises(Refused, match="already"):
        holder.signature(ledger.signable(written.copy_with(outcome="failed")), signature.LEDGER)


def test_a_commit_of_the_ledger_brings_one_entry_and_takes_nothing(world: World) -> None:
    run, change, entry = recorded(world)
    run.end(change, Result(reason="", outcome="promoted"))
    git, holder = run.at.git, holder_of(run.at)
    tip = git.resolve(REF)
    said = message.compose("x", "", [(message.PROMOTION_ID, entry.promotion)])
    assert git.object_id(tip, entry.source_copy()) == entry.source_blob != ""
    for files in ({entry.path: None}, {entry.path: b"{}"}, {"other": b"1"}, {entry.source_copy(): b"{}"}, {}):
        with pytest.raises(Refused):
            git.write(tip, files, said, NOW, run.at.author, holder)


def test_a_promotion_gets_no_second_outcome_in_the_folder_of_another_month(world: World) -> None:
    """The flow says when it was requested, so it could have several entries signed before the first is recorded."""
    run, change, entry = recorded(world)
    git, holder = run.at.git, holder_of(run.at)
    earlier = entry.times.copy_with(requested=entry.times.requested - timedelta(days=40))
    second = entry.copy_with(outcome="failed", reason="it is not healthy", times=earlier)
    signed = ledger.to_file(second, holder.signature(ledger.signable(second), signature.LEDGER))
    run.end(change, Result(reason="", outcome="promoted"))
    said = message.compose("x", "", [(message.PROMOTION_ID, entry.promotion)])
    with pytest.raises(Refused, match="already"):
        git.write(git.resolve(REF), {second.path: signed}, said, NOW, run.at.author, holder)


def test_a_rollback_restores_what_the_ledger_verified_and_nothing_else(world: World) -> None:
    run, change, _ = recorded(world)
    run.end(change, Result(reason="", outcome="promoted"))
    git, holder = run.at.git, holder_of(run.at)
    trailers = [
        (message.PROMOTION_ID, "another"),
        (message.APPLICATION, "example-app"),
        (message.ENVIRONMENT, "dev"),
        ("Promotion-Requested-By", "Liftgate"),
        (message.REVERTS, change.id),
    ]
    others = ({change.paths[0]: text(values("dev", "6.6.6"))}, {change.paths[0]: text(values("dev"))}, {"a": b"1"})
    said = message.compose("Roll back", "", trailers)
    for files in others:
        with pytest.raises(Refused):
            git.write(git.head, files, said, NOW, run.at.author, holder)
    world.lab.commit({"liftgate.json": None})
    head = git.fetch()
    for files in others:
        with pytest.raises(Refused):
            git.write(head, files, said, NOW, run.at.author, holder)


def test_on_a_commit_whose_configuration_cannot_be_used_no_promotion_is_signed(world: World) -> None:
    forged = Forger(*at_gate(world))
    world.lab.commit({"liftgate.json": b"{"})
    forged.parents = [forged.at.git.fetch()]
    with pytest.raises(Refused):
        forged.signed()


def test_a_pause_holds_the_push_and_is_asked_again(world: World) -> None:
    gated(world, needed=0)
    run = walk(world, by="rosa", to="dev")
    change, plan, _ = run.to_gate()
    sha = proposed_commit(run.at, change, plan)
    add_pause(world.at.git, "dev", "a bad day", world.at.server_author, NOW)
    with pytest.raises(Unavailable, match="paused"):
        holder_of(run.at).push(sha, run.at.git.ref, change.head)
    pauses.resume(world.at, "ada", "dev")
    assert holder_of(run.at).push(sha, run.at.git.ref, change.head) == "pushed"
