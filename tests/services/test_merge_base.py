"""The base of the merge is never lost: files and applications are renamed, base values are added, main is rewritten."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.message import SOURCE_PATH
from liftgate.errors import Refused
from liftgate.integrations.git.process import Git, Result
from liftgate.integrations.git.repository import Repository
from liftgate.services.merge_base import find_base, release_from
from tests.integrations.conftest import AUTHOR
from tests.services.promotions_past import Past


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """k0 was promoted as 1, and its outcome recorded; since then prod has its own k0, and dev another k1."""
    past = Past.start(tmp_path)
    past.release("k0", 1)
    past.promote()
    past.record()
    past.put("prod", "k0", 7)
    past.release("k1", 2)
    return past


def said(plan: Plan) -> Any:
    """What the plan does and says, without its names and addresses."""
    rows = [(row.pointer, row.kind, row.before, row.after) for row in plan.rows]
    return rows, plan.edits, plan.first_time


RIGHT = [("/settings/k1", "replace", "0", "2"), ("/settings/k0", "kept", "7", "1")]


def test_prod_keeps_what_it_has_by_hand_and_gets_what_the_release_changes(past: Past) -> None:
    assert said(past.plan())[0] == RIGHT


def test_base_values_that_are_added_leave_every_environment_promotable(past: Past) -> None:
    past.add_base()
    assert past.newest.paths == ("configs/base/values.json",)
    assert said(past.plan())[0] == RIGHT


def test_a_renamed_folder_is_no_first_promotion(past: Past) -> None:
    past.rename_folder()
    assert (said(past.plan())[0], past.plan().first_time) == (RIGHT, False)
    past.entries.clear()
    assert said(past.plan())[0] == RIGHT, "the trailers alone tell"


def test_a_renamed_application_says_what_it_was(past: Past) -> None:
    past.rename_application()
    past.rename_folder()
    past.rename_application()
    assert past.was == ["shop", past.was[1]]
    assert said(past.plan())[0] == RIGHT
    past.entries.clear()
    assert said(past.plan())[0] == RIGHT, "the trailers alone tell"


@pytest.mark.parametrize("without", ["nothing", "the ledger", "the history"])
def test_an_application_that_does_not_say_what_it_was_is_refused(past: Past, without: str) -> None:
    past.rename_application()
    past.was.clear()
    past.commit({"liftgate.json": past.configuration})
    if without == "the ledger":
        past.entries.clear()
    if without == "the history":
        past.squash()
    with pytest.raises(Refused, match='"was": "shop"'):
        past.plan()


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_squashed_main_falls_back_on_the_ledger(past: Past, keep: int) -> None:
    past.squash(keep)
    past.rename_folder()
    assert said(past.plan())[0] == RIGHT
    past.put("prod", "k0", 1)
    past.promote()
    past.release("k1", 3)
    assert said(past.plan())[0] == [("/settings/k1", "replace", "2", "3")], "and then on what was promoted since"


@pytest.mark.parametrize("expression", ["HEAD", "{}~0", "{}^{{commit}}"])
def test_a_source_is_a_whole_sha_and_no_expression_of_git(past: Past, expression: str) -> None:
    """One may name another commit tomorrow."""
    tree, source = past.tree, past.newest.source
    assert release_from(tree, past.entries, past.name, source).id == past.newest.id
    with pytest.raises(Refused, match="is no commit"):
        release_from(tree, past.entries, past.name, expression.format(source))


def test_a_promotion_that_was_recorded_and_cannot_be_read_is_an_error(past: Past) -> None:
    past.squash()
    (lost,) = past.entries
    past.entries[:] = [lost.copy_with(source_blob="0" * 40, source="b" * 40)]
    with pytest.raises(Refused, match=r"cannot be read any more.*git push origin b{40}:refs/heads/liftgate/kept/b{12}"):
        past.plan()


def test_a_branch_that_began_before_a_promotion_is_not_a_rewritten_one(past: Past) -> None:
    """Continuous integration plans on people's branches: what main has since is not in their files."""
    fork = past.head
    past.promote()
    past.record()
    past.repository.git("update-ref", "refs/remotes/origin/main", past.head)
    past.head = fork
    past.commit({"README.md": b"on a branch\n"})
    assert said(past.plan())[0] == RIGHT
    past.head = fork
    assert said(past.plan())[0] == RIGHT, "an older commit of main"


def test_a_promotion_that_was_taken_back_is_no_base(past: Past) -> None:
    past.promote()
    past.roll_back()
    assert said(past.plan())[0] == RIGHT, "the rollback has no outcome yet"
    past.record()
    assert said(past.plan())[0] == RIGHT
    past.squash()
    assert said(past.plan())[0] == RIGHT


def test_a_release_of_a_lost_commit_is_read_from_the_ledger(past: Past) -> None:
    released = past.newest
    past.promote()
    past.squash()
    past.record()
    gone = past.entries[-1].copy_with(source="c" * 40)
    found = release_from(past.tree, [gone], past.name, "c" * 40, released.paths)
    assert (found.id, found.source) == (released.id, "c" * 40)


def test_a_release_is_read_only_from_where_releases_come_from(past: Past) -> None:
    with pytest.raises(Refused, match=r"releases of shop do not come from configs/prod/values.json"):
        release_from(past.tree, past.entries, past.name, past.head, ["configs/prod/values.json"])


def test_the_commit_and_the_ledger_name_the_release_and_its_file(past: Past) -> None:
    commit = past.entries[0].revision
    (written,) = past.repository.commits([commit])
    assert f"{SOURCE_PATH}: configs/dev/values.json\nPromotion-Path: configs/prod/values.json\n" in written.message
    recorded = past.entries[0]
    then = past.repository.file(recorded.source, recorded.source_path)
    assert then is not None
    assert (recorded.source_path, recorded.source_blob) == ("configs/dev/values.json", then.blob)


def test_the_ledger_answers_without_a_walk_of_the_history(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[tuple[str, ...]] = []
    run = Git.run

    def watched(git: Git, *arguments: str, **more: Any) -> Result:
        if arguments[0] == "rev-list":
            walks.append(arguments)
        return run(git, *arguments, **more)

    tree = past.tree
    monkeypatch.setattr(Git, "run", watched)
    assert find_base(tree, past.entries, "shop", "prod") is not None
    assert [walk[:3] for walk in walks] in ([], [("rev-list", "--first-parent", "-n10")]), "only what is new since"


DISTURBING = ("rename_folder", "rename_application", "add_base", "squash")
STEPS = st.one_of(
    st.tuples(st.just("release"), st.sampled_from(["k0", "k1", "k2"]), st.integers(1, 3)),
    st.tuples(st.just("edit"), st.sampled_from(["k0", "k1"]), st.integers(4, 6)),
    st.tuples(st.sampled_from(["promote", "promote", "record", "roll_back"])),
    st.tuples(st.sampled_from(DISTURBING), st.integers(0, 6)),
)


def taken(past: Past, step: tuple[Any, ...]) -> Any:
    what, *arguments = step
    if what == "release":
        past.release(*arguments)
    elif what == "edit":
        past.put("prod", *arguments)
    elif what == "squash":
        past.squash(*arguments)
    elif what == "promote":
        return said(past.promote())
    else:
        getattr(past, what)()
    return None


HISTORIES = st.lists(STEPS, min_size=4, max_size=12)


@settings(max_examples=8)
@example([("release", "k0", 1), ("promote",), ("roll_back",), ("rename_application", 0)])
@given(HISTORIES)
def test_the_plan_is_the_same_as_without_renames_squashes_and_base_values(steps: list[tuple[Any, ...]]) -> None:
    check_same_plans(steps)


@pytest.mark.long
@settings(max_examples=150)
@given(HISTORIES)
def test_the_same_for_many_more_histories(steps: list[tuple[Any, ...]]) -> None:
    check_same_plans(steps)


def check_same_plans(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain, disturbed = Past.start(Path(one)), Past.start(Path(other))
        for step in steps:
            expected = None if step[0] in DISTURBING else taken(plain, step)
            assert taken(disturbed, step) == expected, step
        assert said(disturbed.plan()) == said(plain.plan())


def renew(past: Past, folder: Path) -> None:
    """main is rewritten, and from then on a new clone is used: only the ledger keeps what was promoted."""
    copies = {str(at): past.repository.blobs([each.source_blob])[0] for at, each in enumerate(past.entries)}
    ledger = past.repository.write("", copies, "entries\n", past.entries[-1].times.finished, AUTHOR, None)
    past.squash()
    for ref, sha in {"main": past.head, "liftgate/ledger": ledger}.items():
        past.repository.git("update-ref", f"refs/heads/{ref}", sha)
    Git(folder)("clone", "-q", "--bare", f"file://{past.repository.git.directory}", "new.git")
    past.repository = Repository(folder / "new.git")


def test_an_old_clone_and_a_new_one_make_the_same_plan_after_main_was_rewritten(past: Past, tmp_path: Path) -> None:
    """The old one still has the commits that main lost."""
    older, old = past.newest, past.repository
    past.promote()
    past.release("k1", 3)
    past.promote()
    past.record()
    renew(past, tmp_path)
    there = past.plan(older)
    past.repository = old
    assert past.plan(older).hash == there.hash
    assert there.edits


def test_what_the_ledger_branch_keeps_outlives_the_history(past: Past, tmp_path: Path) -> None:
    (recorded,) = past.entries
    renew(past, tmp_path)
    assert past.repository.resolve(recorded.revision) == ""
    assert said(past.plan())[0] == RIGHT
