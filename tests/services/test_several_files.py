"""Several values files of one application: one plan, one commit, one outcome, and one way back."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.message import PATH, SOURCE_PATH
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.integrations.ledger.backup import find_backup
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services import planning
from liftgate.services.merge_base import recorded_release
from liftgate.services.planning import planned
from tests.examples import text, values
from tests.lab import configured
from tests.services.course import Course

APP = "example-app"
RULES = [{"pointer": "/flags/**", "owner": "promote"}, {"pointer": "/host", "owner": "own", "file": "*features.json"}]


def features(**flags: Any) -> bytes:
    return text({"flags": flags, "host": "here"})


@pytest.fixture(params=["list", "glob"])
def several(course: Course, request: pytest.FixtureRequest) -> Course:
    """values.json and features.json, told by a list or by a glob."""
    listed = ["values.json", "features.json"] if request.param == "list" else "*.json"
    written = configured(course.lab, rules=RULES)
    written["applications"][APP]["values"] = listed
    files = {f"configs/{name}/features.json": features(beta=False) for name in ("base", "dev", "staging")}
    course.lab.commit({"liftgate.json": text(written), **files})
    course.at.git.fetch()
    return course


def release(course: Course, version: str, **flags: Any) -> None:
    files = {"configs/base/values.json": text(values("base", version)), "configs/base/features.json": features(**flags)}
    course.lab.commit(files)


def at(course: Course, path: str) -> bytes:
    course.at.git.fetch()
    file = course.at.git.file(course.at.git.head, path)
    return file.data if file else b""


def promote(course: Course, to: str = "dev") -> Entry:
    entry = course.finish(course.commit(course.begin(course.start("promote", to=to))))
    assert entry.outcome == "promoted", entry
    return entry


def plan_to(course: Course, to: str) -> Plan:
    return planned(course.at, course.begin(course.start("promote", to=to)))


def test_one_commit_brings_all_files_and_a_rollback_takes_all_back(several: Course) -> None:
    release(several, "1.4.2", beta=True)
    first = promote(several)
    assert first.version == "1.4.2"
    assert at(several, "configs/dev/features.json") == features(beta=True)
    own = find_promotion_commit(several.at.git, several.at.git.head, first.promotion)
    assert own is not None
    assert sorted(own.trailers[PATH]) == ["configs/dev/features.json", "configs/dev/values.json"]
    assert sorted(own.trailers[SOURCE_PATH]) == ["configs/base/features.json", "configs/base/values.json"]
    tip = several.at.git.resolve(REF)
    for kind in ("verified", "promoted"):
        for file in ("values.json", "features.json"):
            assert several.at.git.file(tip, f"{kind}/{APP}/dev/{file}") is not None
    backup = find_backup(several.at.git, several.at.entries(APP), APP, "dev")
    assert backup is not None
    assert [each.original == each.copy_of != b"" for each in backup.files] == [True, True]

    release(several, "1.4.3", beta=True, fast=True)
    second = promote(several)
    assert at(several, "configs/dev/features.json") == features(beta=True, fast=True)
    back = several.roll_back(promotion=second.promotion)
    assert back.outcome == "verified", back
    assert at(several, "configs/dev/features.json") == features(beta=True)
    assert b"1.4.2" in at(several, "configs/dev/values.json")


def test_a_file_that_only_the_release_has_is_added_and_one_that_only_the_environment_has_is_kept(several: Course) -> None:
    if several.at.tree(several.at.git.head).application(APP).values != "*.json":
        pytest.skip("a list names the files")
    new, own = "configs/base/limits.json", "configs/dev/own.json"
    several.lab.commit({new: text({"rate": 5}), own: text({"a": 1})})
    entry = promote(several)
    assert at(several, "configs/dev/limits.json") == text({"rate": 5})
    assert at(several, own) == text({"a": 1})
    assert [each.file for each in entry.files] == ["features.json", "limits.json", "own.json", "values.json"]
    several.lab.commit({new: None})
    rows = [(row.file, row.kind) for row in plan_to(several, "dev").rows]
    assert rows == [("limits.json", "obsolete"), ("own.json", "kept")]


def test_the_plan_says_each_rows_file_and_a_conflict_names_it(several: Course) -> None:
    promote(several)
    several.lab.commit({"configs/dev/features.json": features(beta="by hand")})
    release(several, "1.4.2", beta=True)
    change = several.begin(several.start("promote", to="dev"))
    assert [(row.where, row.kind) for row in planned(several.at, change).rows] == [
        ("features.json /flags/beta", "conflict"),
        ("values.json /application/version", "replace"),
    ]
    with pytest.raises(Refused, match=r"^features\.json /flags/beta: changed here and by the release"):
        planning.unblocked_plan(several.at, change)


def test_an_update_needs_the_file_and_keeps_the_others(several: Course) -> None:
    promote(several)
    with pytest.raises(Refused, match=r"several values files; say with --file which.*features\.json, values\.json"):
        planned(several.at, several.begin(several.start("update", environment="dev", changes={"/flags/beta": True})))
    with pytest.raises(Refused, match=r'no values file "feature\.json".*"features\.json"'):
        wrong = several.start("update", environment="dev", changes={"/flags/beta": True}, file="feature.json")
        planned(several.at, several.begin(wrong))
    run = several.start("update", environment="dev", changes={"/flags/beta": True}, file="features.json")
    entry = several.finish(several.commit(several.begin(run)))
    assert entry.good
    assert [each.path for each in entry.files] == ["configs/dev/features.json", "configs/dev/values.json"]
    assert at(several, "configs/dev/features.json") == features(beta=True)


def test_going_back_to_a_promotion_restores_all_its_files(several: Course) -> None:
    first = promote(several)
    before = {path: at(several, path) for path in first.values_paths}
    release(several, "1.4.2", beta=True)
    promote(several)
    release(several, "1.4.3", beta=True, fast=True)
    promote(several)
    back = several.roll_back(back_to=first.promotion)
    assert back.outcome == "verified", back
    assert {path: at(several, path) for path in first.values_paths} == before


def test_the_base_of_each_file_is_found_after_the_branch_was_rewritten(several: Course) -> None:
    promote(several)
    release(several, "1.4.2", beta=True)
    promote(several, "dev")
    tree = several.at.tree(several.at.git.fetch())
    entries = several.at.entries(APP)
    gone = [each.copy_with(source="c" * 40) for each in entries]
    base = recorded_release(tree, APP, gone[-1])
    assert {each.file: each.content["flags"] for each in base.files if each.file == "features.json"} == {
        "features.json": {"beta": True}
    }
    assert base.id == entries[-1].release


def test_what_was_promoted_as_one_file_is_the_base_of_that_file(course: Course) -> None:
    assert course.promote("1.4.2").good
    written = configured(course.lab, rules=RULES)
    written["applications"][APP]["values"] = ["values.json", "features.json"]
    course.lab.commit({"liftgate.json": text(written), "configs/base/features.json": features(beta=False)})
    release(course, "1.4.3", beta=True)
    plan = plan_to(course, "dev")
    assert not plan.first_time
    assert not plan.blocking
    assert [(row.where, row.kind) for row in plan.rows if row.kind == "replace"] == [
        ("values.json /application/version", "replace")
    ]
    back = [("features.json", "add"), ("values.json", "replace")]
    assert sorted({(row.file, row.kind) for row in plan.rows if row.kind in ("add", "replace")}) == back


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["values.json", "*.json"], "reaches configs/dev/values.json twice"),
        (["values.json", "values.json"], "names values.json twice"),
        ([], "must name a file"),
        (["../x.json", "values.json"], "is not a path in the repository"),
    ],
)
def test_a_file_that_is_reached_twice_is_refused_by_name(course: Course, values: list[str], said: str) -> None:
    written = configured(course.lab)
    written["applications"][APP]["values"] = values
    course.lab.commit({"liftgate.json": text(written)})
    with pytest.raises(Misconfigured, match=said):
        tree = ConfigSnapshot(course.at.git, course.at.git.fetch())
        tree.paths(APP, "dev")


def test_a_glob_that_reaches_the_file_of_another_environment_is_refused_by_name(course: Course) -> None:
    written = configured(course.lab) | {"environments": {"dev": "/configs", "prod": "/configs"}}
    written["applications"][APP]["values"] = "**/values.json"
    course.lab.commit({"liftgate.json": text(written)})
    with pytest.raises(Misconfigured, match=r"dev and prod share the file configs/base/values\.json"):
        ConfigSnapshot(course.at.git, course.at.git.fetch()).paths(APP, "dev")


@pytest.mark.parametrize("block", ["rules", "pins", "allow"])
def test_a_file_that_no_application_has_is_a_mistake_with_the_nearest_name(course: Course, block: str) -> None:
    entry = {"pointer": "/a", "file": "feature.json"}
    entry |= {"rules": {"owner": "own"}, "pins": {"owner": "ada", "reason": "x", "environment": "dev"}}.get(
        block, {"reason": "x"}
    )
    written = configured(course.lab, **{block: [entry]})
    written["applications"][APP]["values"] = ["values.json", "features.json"]
    course.lab.commit({"liftgate.json": text(written)})
    with pytest.raises(Misconfigured, match=f'{block}.0.file: no application has a values file "feature.json"'):
        ConfigSnapshot(course.at.git, course.at.git.fetch()).configuration.order
