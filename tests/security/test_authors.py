"""No person approves what they wrote, whatever name a commit has, and on whatever branch it was."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key

from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.gate import Decision
from liftgate.domain.commits import signature
from liftgate.integrations.git.repository import Author
from liftgate.services import approvals
from liftgate.services.authors import find_authors
from liftgate.services.record_vote import record_vote
from tests.committing import MAIN
from tests.examples import ALLOWED_SIGNERS, NOW, text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import Walk, gated, page, walk

BASE = "configs/base/values.json"
ADA, TOM = Author(name="Ada", email="ada@example.com"), Author(name="Tom", email="tom@example.net")
KEY = Key.from_private_bytes(b"a" * 32)
"""ada's own, with which she signs commits."""
PEOPLE = ("ada", "grace")


def commit(
    world: World,
    files: dict[str, bytes | None],
    author: Author = TOM,
    committer: Author | None = None,
    message: str = "A change\n",
    *,
    onto: str = "",
    key: Key | None = None,
) -> str:
    """As a person commits with git, pushed to the branch unless it is `onto` another commit."""
    there = world.lab.remote
    head = there.resolve(MAIN)
    if key:
        sha = there.write(onto or head, files, message, NOW, author, key)
    else:
        by = committer or author
        names = {
            "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": by.name, "GIT_COMMITTER_EMAIL": by.email,
        }  # fmt: skip
        tree = there.tree_with(onto or head, files)
        sha = there.git("commit-tree", tree, "-p", onto or head, "-m", message, extra=names)
    return sha if onto else pushed(world, sha)


def pushed(world: World, sha: str) -> str:
    world.lab.push(sha)
    world.at.git.fetch()
    return sha


def base(version: str) -> dict[str, bytes | None]:
    return {BASE: text(values("base", version))}


def merged(world: World, version: str) -> None:
    """ada's commit on a branch, which tom merges."""
    there = world.lab.remote
    head = there.resolve(MAIN)
    side = commit(world, base(version), ADA, onto=head)
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "T"), ("EMAIL", "t@x"))
    }
    ours = there.git("commit-tree", there.tree_with(head, {"docs/a.md": b"x"}), "-p", head, "-m", "x", extra=names)
    both = there.tree_with(side, {"docs/a.md": b"x"})
    merge = there.git("commit-tree", both, "-p", ours, "-p", side, "-m", "Merge", extra=names)
    pushed(world, merge)


def signed(world: World, version: str) -> None:
    """ada signs a commit that has another name and address."""
    line = signature.allowed_line("Ada@example.com", (signature.COMMITS,), signature.public_bytes(KEY))
    world.lab.commit({".liftgate/allowed_signers": f"{ALLOWED_SIGNERS}\n{line}\n".encode()})
    commit(world, base(version), TOM, key=KEY)


def followed(world: World, version: str) -> None:
    """tom's trivial commit is newer than ada's."""
    commit(world, {BASE: text(values("base", version) | {"x": 1})}, ADA)
    commit(world, base(version), TOM)


WAYS: dict[str, Any] = {
    "author": lambda world, version: commit(world, base(version), ADA),
    "committer": lambda world, version: commit(world, base(version), TOM, ADA),
    "co-author": lambda world, version: commit(
        world, base(version), message="A change\n\nCo-authored-by: A <ADA@example.com>\n"
    ),
    "private address": lambda world, version: commit(
        world, base(version), Author(name="A", email="1+Ada@users.noreply.github.com")
    ),
    "merged branch": merged,
    "signature": signed,
    "earlier commit": followed,
}


def listed(world: World, *people: str, **more: Any) -> None:
    """dev takes an approval of these people."""
    rule: dict[str, Any] = {"from": people or PEOPLE, **more}
    gated(world, **rule)


def waiting(world: World, **asked: Any) -> Walk:
    run = walk(world, by="rosa", **({"to": "dev"} | asked))
    run.asks()
    return run


def vote(world: World, run: Walk, person: str) -> tuple[bool, str]:
    approval = approvals.pending_approval(world.at, world.at.latest, world.read(run.run))
    answer = record_vote(
        world.at,
        promotion_id=run.run,
        plan=approval.plan,
        shown=approval.shown,
        person=person,
        decision="approve",
        through="api",
    )
    return answer.accepted, answer.sentence


def decided(run: Walk) -> Decision:
    change = run.begin()
    return approvals.gate(run.at, change, run.plan(change))


@pytest.mark.parametrize("way", WAYS)
def test_an_author_does_not_approve_and_another_person_does(deployed: World, way: str) -> None:
    """Also where the vote is there already: the flow counts again."""
    listed(deployed)
    WAYS[way](deployed, "1.4.3")
    run = waiting(deployed)
    accepted, sentence = vote(deployed, run, "ada")
    assert (accepted, sentence) == (False, "ada wrote a part of this change, so another person must approve it")
    deployed.lab.vote(run.run, "ada", plan=run.plan(run.begin()).hash)
    assert decided(run).waits
    assert vote(deployed, run, "grace")[0]
    decision = decided(run)
    assert (decision.opens, decision.approved_by) == (True, ("grace",))


def test_the_gate_the_page_the_message_and_the_status_name_the_authors(deployed: World) -> None:
    listed(deployed)
    commit(deployed, base("1.4.3"), ADA, TOM)
    run = waiting(deployed)
    said = "needs 1 approval: grace; written by ada and Tom <tom@example.net> (not in people)"
    assert decided(run).reason == said
    shown = page(deployed, run.run)
    assert "Written by</dt><dd>ada, Tom &lt;tom@example.net&gt; (not in people)" in shown
    (told,) = deployed.lab.town.slack.store.state.messages
    assert "written by ada and Tom &lt;tom@example.net&gt;" in str(told.blocks)


def test_only_what_the_release_brings_since_the_one_promoted_last_has_authors(deployed: World) -> None:
    """And what is promoted again, or an older release, has those of its own commits."""
    commit(deployed, base("1.4.3"), ADA)
    first = walk(deployed, to="dev").to_end()
    commit(deployed, base("1.4.4"), TOM)

    def authors(source: str, environment: str = "dev") -> Authors:
        deployed.at.git.fetch()
        return find_authors(deployed.at, deployed.at.latest, "example-app", environment, source)

    newest = deployed.at.latest.newest_release("example-app").source
    tom = "Tom <tom@example.net>"
    assert authors(newest) == Authors(unknown=(tom,))
    assert authors(newest, "staging") == Authors(people=("ada",), unknown=(tom,)), "it was never promoted there"
    assert authors(first.source) == Authors()
    walk(deployed, to="dev").to_end()
    assert authors(first.source) == Authors(), "it was promoted there before"
    assert authors("") == Authors()
    assert authors("b" * 40).unknown == ("the authors of bbbbbbbbbbbb, which is not in the repository",)


def test_a_renamed_folder_hides_no_author(deployed: World) -> None:
    """Else a person could rename it after their change, and approve."""
    walk(deployed, to="dev").to_end()
    commit(deployed, base("1.4.3"), ADA)
    configuration = configured(deployed.lab)
    configuration["environments"] = configuration["environments"] | {"dev": "/conf/dev"}
    moved: dict[str, bytes | None] = {"liftgate.json": text(configuration)}
    for name in ("base", "dev"):
        moved |= {f"configs/{name}/values.json": None, f"conf/{name}/values.json": text(deployed.lab.json(name))}
    commit(deployed, moved, TOM)
    source = deployed.at.latest.newest_release("example-app").source
    found = find_authors(deployed.at, deployed.at.latest, "example-app", "dev", source)
    assert found == Authors(people=("ada",), unknown=("Tom <tom@example.net>",))


def test_an_older_release_that_was_never_promoted_there_has_its_own_authors(deployed: World) -> None:
    skipped = commit(deployed, base("1.4.3"), ADA)
    commit(deployed, base("1.4.4"), TOM)
    walk(deployed, to="dev").to_end()
    assert find_authors(deployed.at, deployed.at.latest, "example-app", "dev", skipped).people == ("ada",)


def test_a_commit_of_liftgate_is_its_requesters(deployed: World) -> None:
    """Without base values, releases come from dev, which ada updates through Liftgate."""
    deployed.lab.commit({BASE: None})
    for person, ttl in (("ada", 600), ("", 700)):
        changes = {"/application/environment/configs/cache/ttl": ttl}
        walk(deployed, "update", by=person, environment="dev", changes=changes).to_end()
    deployed.at.git.fetch()
    source = deployed.at.latest.newest_release("example-app").source
    found = find_authors(deployed.at, deployed.at.latest, "example-app", "prod", source)
    assert found.people == ("ada",)
    assert [each.startswith("the unknown requester of promotion ") for each in found.unknown] == [True]


def test_an_update_has_its_requester_and_no_other_author(deployed: World) -> None:
    listed(deployed, *PEOPLE, "rosa")
    commit(deployed, base("1.4.3"), ADA)
    changes = {"/application/environment/configs/cache/ttl": 600}
    run = walk(deployed, "update", by="rosa", environment="dev", changes=changes)
    run.asks()
    assert decided(run).reason == "needs 1 approval: ada or grace"
    assert vote(deployed, run, "rosa") == (False, "rosa requested this promotion, so another person must approve it")


def test_where_too_few_people_are_left_it_fails_at_once_and_names_the_way_out(deployed: World) -> None:
    listed(deployed, needed=2)
    commit(deployed, base("1.4.3"), ADA)
    decision = decided(walk(deployed, by="rosa", to="dev"))
    assert (decision.state, decision.reason) == (
        "refused",
        (
            "it needs 2 approvals, and only grace may approve this (written by ada; requested by rosa): add people to "
            'policy.dev.approvals.from or set policy.dev.approvals.author to "allowed"'
        ),
    )
    listed(deployed, needed=2, author="allowed")
    assert decided(walk(deployed, by="rosa", to="dev")).waits


def test_an_unknown_author_is_refused_where_policy_says_so(deployed: World) -> None:
    policy = {"deliver": "push", "approvals": {"needed": 1, "from": PEOPLE}, "unknown_author": "refuse"}
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy={"dev": policy}))})
    commit(deployed, base("1.4.3"), TOM)
    decision = decided(walk(deployed, by="rosa", to="dev"))
    assert (decision.state, decision.reason.startswith("Tom <tom@example.net> wrote a part of this")) == (
        "refused",
        True,
    )


def test_more_commits_than_are_read_are_said(deployed: World) -> None:
    from liftgate.integrations.git import authorship

    for number in range(3):
        commit(deployed, base(f"1.4.{number + 3}"), ADA)
    git = deployed.at.git
    found = authorship.written(git, "", git.head, (BASE,), (), 2)
    assert [bool(each.credits) for each in found] == [True, True, False]
    assert found[-1].unknown == "the author of each commit before the newest 2"
