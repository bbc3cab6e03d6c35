"""What is found by application and environment, in a whole installation: the lock, the rollback, and the base."""

from __future__ import annotations

import pytest
from liftgate_sandbox.town import REPOSITORY

from liftgate.domain.promotion.run_request import RunRequest
from liftgate.errors import Unavailable
from liftgate.integrations.git.main_line import is_shallow
from liftgate.integrations.git.repository import Repository
from liftgate.services.commit_plan import wait_for_others
from liftgate.services.planning import planned
from liftgate.services.rollback_aim import target_by_reverting
from tests.examples import NOW, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import configured
from tests.server.world import worker_of
from tests.services.course import Course


def move_dev(course: Course, old: str = "dev", new: str = "development") -> str:
    """A person renames the folder of dev."""
    configuration = configured(course.lab)
    configuration["environments"] = configuration["environments"] | {"dev": f"/configs/{new}"}
    there = text(course.lab.json(old))
    moved = {f"configs/{old}/values.json": None, f"configs/{new}/values.json": there}
    return course.lab.commit(moved | {"liftgate.json": text(configuration)})


def test_a_renamed_folder_neither_opens_the_lock_nor_hides_what_is_to_be_taken_back(course: Course) -> None:
    change = course.under_way("1.4.2")
    head = move_dev(course)
    course.at.git.fetch()
    other = course.begin(course.start("promote", to="dev"))
    with pytest.raises(Unavailable, match=f"dev is busy with promotion {change.id}"):
        wait_for_others(course.at, other, head)
    asked = RunRequest(kind="rollback", application="example-app", environment="dev")
    found = target_by_reverting(course.at, course.at.tree(head), asked, has_own_run=True)
    assert (found.reverts, found.undo) == (change.id, change.revision)


def test_nor_does_a_folder_that_gets_its_old_name_back(course: Course) -> None:
    """What was promoted there before the renaming has an outcome; what is under way has none."""
    course.promote("1.4.2")
    move_dev(course)
    change = course.under_way("1.4.3")
    head = move_dev(course, "development", "dev")
    course.at.git.fetch()
    other = change.copy_with(id="00000000-0000-0000-0000-000000000000", paths=("configs/dev/values.json",), revision="")
    with pytest.raises(Unavailable, match=f"dev is busy with promotion {change.id}"):
        wait_for_others(course.at, other, head)


def squash(course: Course) -> None:
    """A person rewrites main, and the forge forgets what was there."""
    bare = Repository(course.lab.town.forge.bare(REPOSITORY).path)
    tree = bare.object_id("refs/heads/main", "")
    bare.git("update-ref", "refs/heads/main", bare.commit_tree(tree, [], "Squashed\n", NOW, AUTHOR, None))
    bare.git("reflog", "expire", "--expire=now", "--all")
    bare.git("gc", "--quiet", "--prune=now")


def test_after_main_was_rewritten_a_new_worker_knows_what_was_promoted_last(course: Course) -> None:
    """And brings to staging what dev verified, though that commit is gone too."""
    entry = course.promote("1.4.2")
    assert entry.outcome == "promoted"
    by_hand = values("dev", "1.4.2")
    by_hand["application"]["features"]["search"] = False
    course.lab.commit({"configs/dev/values.json": text(by_hand)})
    squash(course)
    new = course.another(state=course.lab.folder / "new")
    new.at = worker_of(new.at)
    assert (new.at.git.resolve(entry.revision), is_shallow(new.at.git)) == ("", False)
    staged = new.begin(new.start("promote", to="staging"))
    assert planned(new.at, staged).release_id == entry.release
    assert new.finish(new.commit(staged)).outcome == "promoted"
    new.release("1.4.3")
    plan = planned(new.at, new.begin(new.start("promote", to="dev")))
    rows = {row.pointer: row.kind for row in plan.rows}
    assert (rows, plan.first_time) == (
        {"/application/version": "replace", "/application/features/search": "kept"},
        False,
    )
