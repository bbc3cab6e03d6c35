"""Of an application with several files, the holder of the worker's key signs only what Git gives for each of them."""

from __future__ import annotations

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.unsigned_commit import unsigned_commit
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.entry_file import EntryFile
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.errors import Refused
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services.outcomes import Result, entry_of
from liftgate.services.planning import applied
from tests.examples import NOW, text
from tests.lab import configured
from tests.security.signing import holder_of, signing_world
from tests.server.world import World
from tests.services.walk import Walk, walk

__all__ = ["signing_world"]

FEATURES = "configs/dev/features.json"


def planned(world: World) -> tuple[Walk, GatedChange, Plan]:
    """rosa's promotion of two files to dev, which needs no approval."""
    policy = {"dev": {"deliver": "push", "approvals": {"needed": 0}}}
    written = configured(world.lab, policy=policy, rules=[{"pointer": "/flags/**", "owner": "promote"}])
    written["applications"]["example-app"]["values"] = ["values.json", "features.json"]
    files = {f"configs/{place}/features.json": text({"flags": {"beta": place == "base"}}) for place in ("base", "dev")}
    world.lab.commit({"liftgate.json": text(written), **files})
    run = walk(world, by="rosa", to="dev")
    change, plan, decision = run.to_gate()
    assert decision.opens
    return run, change, plan


def recorded(world: World) -> tuple[Walk, GatedChange, Entry]:
    run, change, plan = planned(world)
    change = run.commit(change, plan)
    return run, change, entry_of(run.at, change, run.deploy(change))


def test_a_commit_with_another_value_in_one_of_the_files_is_not_signed(world: World) -> None:
    run, change, plan = planned(world)
    honest: dict[str, bytes | None] = {**applied(run.at.git, change.head, plan)}
    trailers = message.trailers_of(change, plan, ())
    for files in ({**honest, FEATURES: text({"flags": {"beta": False, "free": True}})}, {FEATURES: honest[FEATURES]}):
        tree, said = run.at.git.tree_with(change.head, files), message.compose(change.title, "", trailers)
        author = run.at.author
        commit = unsigned_commit(tree, [change.head], said, when=NOW, name=author.name, email=author.email)
        with pytest.raises(Refused, match="its files are not those"):
            holder_of(run.at).signature(commit, signature.COMMITS)
    assert run.commit(change, plan).revision


def test_an_entry_names_the_files_of_its_commit_under_their_names(world: World) -> None:
    run, change, honest = recorded(world)
    holder = holder_of(run.at)
    features, values = honest.files
    assert (features.file, values.file) == ("features.json", "values.json")
    swapped = (features.copy_with(file="values.json"), values.copy_with(file="features.json"))
    lies: list[tuple[EntryFile, ...]] = [
        (),
        (values,),
        swapped,
        (features.copy_with(source_blob="0" * 40), values),
        (features.copy_with(source_blob=values.source_blob), values),
        (features.copy_with(path="configs/prod/features.json"), values),
        (features.copy_with(source_path="configs/dev/features.json"), values),
        (features, values, values.copy_with(file="other.json", path="README.md")),
    ]
    for lie in lies:
        with pytest.raises(Refused):
            pytest.fail(f"{lie}: {holder.signature(ledger.signable(honest.copy_with(files=lie)), signature.LEDGER)}")
    assert run.end(change, Result(reason="", outcome="promoted")).files == honest.files
    check_copies(run, change, honest)


def check_copies(run: Walk, change: GatedChange, honest: Entry) -> None:
    """The ledger has the exact copy of each file, and no other can take its place."""
    git, tip = run.at.git, run.at.git.resolve(REF)
    for file in honest.files:
        assert git.object_id(tip, honest.source_copy(file.file)) == file.source_blob
        assert git.object_id(tip, honest.verified_copy(file.file)) == git.object_id(change.revision, file.path)
    said = message.compose("x", "", [(message.PROMOTION_ID, honest.promotion)])
    for path in (honest.verified_copy("features.json"), honest.source_copy("features.json")):
        with pytest.raises(Refused):
            git.write(tip, {path: b"{}"}, said, NOW, run.at.author, holder_of(run.at))
