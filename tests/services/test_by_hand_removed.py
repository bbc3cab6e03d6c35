"""A person removes all values of an application from an environment: they come back, unless nothing deploys them."""

from __future__ import annotations

import math
import os
import subprocess

import pytest
from liftgate_sandbox.town import REPOSITORY
from sandbox_tests.plain import eventually, http

from liftgate.integrations.deployer import Deployed
from liftgate.services.hand_made import find_hand_made
from tests.examples import text
from tests.lab import configured
from tests.services.by_hand import begin, commit, hand_of, path_of, push, taken_over
from tests.services.course import Course

APP = "example-app"


@pytest.fixture
def promoted(course: Course) -> Course:
    course.past("1.4.2")
    return course


def found(course: Course) -> list[str]:
    course.at.git.fetch()
    return [each.commit for each in find_hand_made(course.at)]


def test_removed_values_are_taken_over_recorded_and_brought_back(promoted: Course) -> None:
    """What a rollback restores are the values that were verified last, and Argo CD deploys them again."""
    lab = promoted.lab
    good = lab.json("dev")
    removed = commit(lab, {path_of("dev"): None})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    assert (taken.revision, taken.back) == (removed, f"all values of {APP} were removed from dev")
    entry = promoted.over(taken, promoted.take_back(taken, taken.back, Deployed(state="failed", reason="")))
    assert (entry.outcome, entry.by_hand and entry.by_hand.how, entry.version) == ("rolled back", "pushed", "")
    assert (lab.json("dev"), lab.serves("dev")) == (good, "1.4.2")
    back = lab.entries("dev")[-2]
    assert (back.kind, back.outcome, back.reverts) == ("rollback", "verified", entry.promotion)
    assert found(promoted) == []


def test_what_was_removed_with_other_changes_before_it_comes_back_as_it_was_verified(promoted: Course) -> None:
    good = promoted.lab.json("dev")
    push(promoted.lab, cache={"ttl": 5})
    removed = commit(promoted.lab, {path_of("dev"): None})
    assert found(promoted) == [removed]
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    promoted.over(taken, promoted.take_back(taken, taken.back, Deployed(state="failed", reason="")))
    assert promoted.lab.json("dev") == good


def test_values_that_came_back_before_anyone_looked_are_nothing_new(promoted: Course) -> None:
    good = promoted.lab.json("dev")
    commit(promoted.lab, {path_of("dev"): None})
    commit(promoted.lab, {path_of("dev"): text(good)})
    assert found(promoted) == []


def test_an_application_that_argo_cd_deploys_no_more_stays_out_of_the_environment(promoted: Course) -> None:
    """The person removed its Argo CD Application too."""
    town = promoted.lab.town
    admin = {"Authorization": f"Bearer {town.argocd.admin_token()}", "Content-Type": "application/json"}
    address = f"{town.urls['argocd']}/api/v1/applications/{APP}-dev"
    http.delete(address, headers=admin, params={"cascade": "true"}).raise_for_status()
    eventually(lambda: http.get(address, headers=admin).status_code in (403, 404))
    commit(promoted.lab, {path_of("dev"): None})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    entry = promoted.finish(taken)
    assert (taken.back, entry.outcome) == ("", "superseded")
    assert entry.reason.startswith(f"{APP} was taken out of dev: ")
    assert found(promoted) == []


def test_one_that_argo_cd_still_deletes_stays_out_too(promoted: Course) -> None:
    """A large Application takes minutes to delete: its objects go first."""
    town = promoted.lab.town
    admin = {"Authorization": f"Bearer {town.argocd.admin_token()}", "Content-Type": "application/json"}
    address = f"{town.urls['argocd']}/api/v1/applications/{APP}-dev"
    town.argocd.state.work.setdefault(f"{APP}-dev", {})["deletion"] = {"due": math.inf}
    http.delete(address, headers=admin, params={"cascade": "true"}).raise_for_status()
    assert http.get(address, headers=admin).json()["metadata"]["deletionTimestamp"]
    commit(promoted.lab, {path_of("dev"): None})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    assert (taken.back, promoted.finish(taken).outcome) == ("", "superseded")


def test_several_files_that_a_glob_means_are_found_when_all_are_removed(promoted: Course) -> None:
    written = configured(promoted.lab)
    written["applications"][APP] |= {"values": "*s.json"}
    promoted.lab.commit({"liftgate.json": text(written)})
    removed = commit(promoted.lab, {path_of("dev"): None})
    assert found(promoted) == [removed]
    assert taken_over(promoted)[0].parameters["commit"] == hand_of(removed).commit


def test_before_the_first_outcome_nothing_is_taken_over(course: Course) -> None:
    commit(course.lab, {path_of("dev"): None})
    assert found(course) == []
    course.at.git.fetch()
    assert not course.lab.entries("dev")


def test_values_of_an_application_that_names_nothing_of_argo_cd_come_back(promoted: Course) -> None:
    """Argo CD was not asked, so it did not say that it deploys them no more."""
    written = configured(promoted.lab)
    written["applications"][APP] |= {"argocd": []}
    promoted.lab.commit({"liftgate.json": text(written)})
    commit(promoted.lab, {path_of("dev"): None})
    (run,) = taken_over(promoted)
    assert begin(promoted, run).back == f"all values of {APP} were removed from dev"


def as_a_link(course: Course, path: str, to: str) -> str:
    """Ada commits a symbolic link in the place of the file."""
    forge, main = course.lab.town.forge, "refs/heads/main"
    bare = forge.bare(REPOSITORY)
    head = bare.ref(main) or ""

    def git(*arguments: str, stdin: str = "") -> str:
        who = {
            f"GIT_{role}_{what}": "ada@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        variables = {**os.environ, **who, "GIT_INDEX_FILE": str(bare.path / "index-of-a-link")}
        command = ["git", "-C", str(bare.path), *arguments]
        done = subprocess.run(command, input=stdin, env=variables, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("read-tree", head)
    blob = git("hash-object", "-w", "--stdin", stdin=to)
    git("update-index", "--add", "--cacheinfo", f"120000,{blob},{path}")
    sha = git("commit-tree", git("write-tree"), "-p", head, "-m", "Mine")
    git("update-ref", main, sha)
    forge.pushed(REPOSITORY, "ada", main, head, sha)
    return sha


def test_a_link_in_the_place_of_the_values_is_taken_over_and_the_values_come_back(promoted: Course) -> None:
    """It is no values file: what it leads to was never judged."""
    good = promoted.lab.json("dev")
    linked = as_a_link(promoted, path_of("dev"), "../staging/values.json")
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    assert (taken.revision, taken.back.startswith("the values cannot be read: ")) == (linked, True)
    entry = promoted.over(taken, promoted.take_back(taken, taken.back, Deployed(state="failed", reason="")))
    assert (entry.outcome, promoted.lab.json("dev")) == ("rolled back", good)
    assert found(promoted) == []
