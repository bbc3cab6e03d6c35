"""The version of a release may stand at another pointer than `/application/version`, or nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.json_text.pointer import find
from liftgate.domain.planning.plan_value import Plan
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services import planning, rollback_target
from liftgate.services.begin import look_again
from liftgate.services.choose_release import choose_release
from liftgate.services.planning import policy_hash
from liftgate.services.values_there import there
from tests.examples import NOW, text
from tests.lab import configured
from tests.services.course import Course
from tests.services.several import APP as SHOP
from tests.services.several import Several

APP, TAG, PLACES = "example-app", "/image/tag", ("base", "dev", "staging", "prod")


def values(environment: str, tag: str) -> dict[str, Any]:
    here = {} if environment == "base" else {"environment": {"name": environment}}
    return {"application": {"name": APP} | here, "image": {"repository": "registry.example.com/shop", "tag": tag}}


@pytest.fixture
def tagged(course: Course) -> Course:
    """The image's tag is the only version: 1.4.1 everywhere, 1.4.2 in the base."""
    configure(course)
    course.lab.commit({f"configs/{name}/values.json": text(values(name, "1.4.1")) for name in PLACES})
    course.lab.commit({"schemas/values.json": text({"type": "object"})})
    bring(course, "1.4.2")
    return course


def configure(course: Course, *promoted: str, **application: Any) -> None:
    written = configured(course.lab, rules=[{"pointer": each, "owner": "promote"} for each in promoted])
    own = written["applications"][APP] | {"schema": "schemas/values.json"} | application
    course.lab.commit({"liftgate.json": text(written | {"applications": {APP: own}})})
    course.at.git.fetch()


def bring(course: Course, tag: str) -> None:
    course.lab.commit({"configs/base/values.json": text(values("base", tag))})
    course.at.git.fetch()


def promote(course: Course) -> Any:
    return course.finish(course.commit(course.begin(course.start("promote", to="dev"))))


def tree_of(course: Course) -> ConfigSnapshot:
    course.at.git.fetch()
    return course.at.tree(course.at.git.head)


def plan_of(course: Course, wanted: str = "") -> Plan:
    tree, entries = tree_of(course), course.at.entries(APP)
    release = choose_release(tree, entries, APP, "dev", wanted)
    return planning.promote(tree, release, "dev", NOW.date(), entries)


def test_values_without_a_version_are_promoted_and_verified(tagged: Course) -> None:
    """The steps that look at what runs get the first file."""
    configure(tagged, TAG)
    entry = promote(tagged)
    assert (entry.outcome, entry.version) == ("promoted", ""), entry.reason
    assert find(tagged.lab.json("dev"), TAG) == "1.4.2"
    short = entry.release.removeprefix("sha256:")[:12]
    assert entry.sentence.startswith(f"Promoted {short} to dev in ")
    assert entry.what == short
    assert f"{APP} {short} → dev" in tagged.lab.commits()[0].message


def test_a_release_has_the_version_that_liftgate_json_points_at(tagged: Course) -> None:
    """Also the one before it, what is there, and the values after an update or a rollback."""
    configure(tagged, version=TAG)
    assert there(tree_of(tagged), APP, "dev").version == "1.4.1"
    assert plan_of(tagged).version == "1.4.2"
    first = promote(tagged)
    assert (first.outcome, first.version, first.previous) == ("promoted", "1.4.2", "1.4.1"), first.reason
    bring(tagged, "1.5.0")
    assert promote(tagged).version == "1.5.0"
    tree, entries = tree_of(tagged), tagged.at.entries()
    assert choose_release(tree, entries, APP, "staging", "1.4.2").id == first.release
    with pytest.raises(Refused, match=r'no release "1\.4\.3"; did you mean "1\.4\.2"'):
        choose_release(tree, entries, APP, "staging", "1.4.3")
    updated = planning.update(tree, APP, "dev", {TAG: "1.6.0"})
    assert updated.version == "1.6.0"
    way = rollback_target.restore_plan(tree, entries, APP, "dev", first.promotion)
    assert (way.entry.version, way.plan.version) == ("1.4.2", "1.4.2")
    back = tagged.roll_back(back_to=first.promotion)
    assert (back.good, back.version) == (True, "1.4.2")


def test_a_promotion_under_way_learns_where_the_version_is(tagged: Course) -> None:
    """Else its commit and its outcome would name the release in two ways."""
    configure(tagged, TAG)
    change = tagged.begin(tagged.start("promote", to="dev"))
    assert change.version == ""
    configure(tagged, version=TAG)
    again = look_again(tagged.at, change)
    assert (again.version, again.previous, again.title) == ("1.4.2", "1.4.1", f"{APP} 1.4.2 → dev")
    entry = tagged.finish(tagged.commit(again))
    assert (entry.outcome, entry.version) == ("promoted", "1.4.2")


def test_an_older_version_is_a_downgrade_there_too(tagged: Course) -> None:
    configure(tagged, version=TAG)
    tagged.lab.commit({"configs/dev/values.json": text(values("dev", "1.5.0"))})
    assert plan_of(tagged).older_than == "1.5.0"
    configure(tagged)
    assert plan_of(tagged).older_than == ""


def test_the_first_promotion_brings_the_version_without_a_rule(tagged: Course) -> None:
    """Another value that differs without a rule is a conflict then."""
    assert [row.pointer for row in plan_of(tagged).blocking] == [TAG]
    configure(tagged, version=TAG)
    assert plan_of(tagged).blocking == ()


@pytest.mark.parametrize("files", ["values.json", ["values.json", "features.json"]])
def test_the_place_of_the_version_is_part_of_what_people_approve(files: Any, tmp_path: Path) -> None:
    """As usual it is in no digest."""
    scene = Several.start(tmp_path, files)
    usual = policy_hash(scene.tree, SHOP, "prod")
    scene.configure(files, application={"version": "/application/version"})
    assert policy_hash(scene.tree, SHOP, "prod") == usual
    assert "version" not in json.dumps(scene.tree.application(SHOP).model_dump(mode="json"))
    scene.configure(files, application={"version": TAG})
    assert policy_hash(scene.tree, SHOP, "prod") != usual
