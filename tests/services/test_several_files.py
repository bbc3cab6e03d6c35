"""Several values files of one application: one release, one plan, and a base of the merge for each file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.services import planning
from liftgate.services.check_repository import check_repository
from liftgate.services.checks import schema_verdict
from liftgate.services.merge_base import find_base, recorded_release
from liftgate.services.rollback_target import as_verified, plan_back
from tests.examples import text
from tests.services.several import APP, Several, features, shop

BOTH = ["values.json", "features.json"]


@pytest.fixture(params=[BOTH, "*.json"], ids=["list", "glob"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Several:
    return Several.start(tmp_path, request.param)


@pytest.fixture
def globbed(tmp_path: Path) -> Several:
    return Several.start(tmp_path, "*.json")


def test_one_plan_changes_all_files_and_says_each_rows_file(scene: Several) -> None:
    scene.promote()
    scene.commit({"configs/base/values.json": shop("1.1.0"), "configs/base/features.json": features(beta=True)})
    assert scene.rows() == ["add features.json /flags/beta", "replace values.json /application/version"]
    plan = scene.promote()
    assert plan.version == "1.1.0"
    assert scene.repository.file(scene.head, "configs/prod/features.json").data == features(beta=True)  # type: ignore[union-attr]
    assert scene.rows() == []


def test_a_file_that_changed_since_voids_the_plan(globbed: Several) -> None:
    plan = globbed.plan()
    globbed.commit({"configs/prod/features.json": features(by="hand")})
    assert globbed.plan().hash != plan.hash
    with pytest.raises(Refused, match=r"configs/prod/features\.json has changed since"):
        planning.applied(globbed.repository, globbed.head, plan)


def test_a_file_that_only_the_release_has_is_added_and_one_that_only_the_environment_has_is_kept(
    globbed: Several,
) -> None:
    globbed.commit({"configs/base/limits.json": text({"rate": 5}), "configs/prod/own.json": text({"a": 1})})
    assert globbed.rows() == ["add limits.json /rate", "kept own.json"]
    plan = globbed.promote()
    assert plan.paths == tuple(f"configs/prod/{name}.json" for name in ("features", "limits", "own", "values"))
    assert globbed.repository.file(globbed.head, "configs/prod/own.json").data == text({"a": 1})  # type: ignore[union-attr]
    globbed.commit({"configs/base/limits.json": None})
    assert globbed.rows() == ["obsolete limits.json", "kept own.json"]
    assert globbed.plan().is_empty


def test_a_conflict_names_its_file(globbed: Several) -> None:
    globbed.promote()
    globbed.commit({"configs/prod/features.json": features(beta="by hand")})
    globbed.commit({"configs/base/features.json": features(beta=True)})
    (row,) = globbed.plan().blocking
    assert (row.file, row.pointer, row.kind) == ("features.json", "/flags/beta", "conflict")


def test_rules_and_pins_can_hold_for_one_file(globbed: Several) -> None:
    own = [{"pointer": "/flags/**", "owner": "promote"}, {"pointer": "/x", "owner": "own", "file": "features.json"}]
    pin = {"pointer": "/flags/beta", "file": "*features.json", "environment": "prod", "owner": "ada", "reason": "r"}
    globbed.configure(BOTH, rules=own, pins=[pin])
    globbed.commit({"configs/base/features.json": text({"flags": {"beta": True}, "x": 1})})
    globbed.commit({"configs/base/values.json": text({"application": {"name": APP, "version": "1.0.0"}, "x": 1})})
    assert globbed.rows() == ["needs-value features.json /x", "pinned features.json /flags/beta", "add values.json /x"]


def test_each_files_base_is_found_by_the_trailers_and_by_the_ledger_alone(scene: Several) -> None:
    scene.promote()
    scene.commit({"configs/base/features.json": features(beta=True), "configs/base/values.json": shop("1.1.0")})
    scene.promote()
    scene.commit({"configs/prod/features.json": features(beta="by hand")})
    by_trailers = find_base(scene.tree, [], APP, "prod")
    gone = scene.entries[-1].copy_with(source="c" * 40)
    by_ledger = recorded_release(scene.tree, APP, gone)
    assert by_trailers is not None
    assert by_trailers.id == by_ledger.id == scene.entries[-1].release
    assert by_ledger.of("features.json").content == {"flags": {"beta": True}}  # type: ignore[union-attr]


def test_what_was_promoted_as_one_file_stays_the_base_of_that_file(tmp_path: Path) -> None:
    scene = Several.start(tmp_path, "values.json")
    scene.promote()
    scene.commit({"configs/base/values.json": shop("1.1.0"), "configs/prod/values.json": shop("1.0.5")})
    assert scene.rows() == ["conflict /application/version"]
    for values in (BOTH, "*.json"):
        scene.configure(values)
        assert scene.rows() == ["conflict values.json /application/version"]
        assert not scene.plan().first_time
    scene.configure(BOTH)
    scene.commit({"configs/prod/values.json": shop("1.0.0")})
    scene.promote()
    scene.configure("values.json")
    assert (scene.rows(), scene.plan().first_time) == ([], False)


def test_an_update_needs_the_name_of_the_file_and_leaves_the_others(scene: Several) -> None:
    change = {"/flags/beta": True}
    for file, said in {
        "": r"several values files; say with --file which one changes: features\.json, values\.json",
        "feature.json": r'no values file "feature\.json"; .*features\.json',
    }.items():
        with pytest.raises(Refused, match=said):
            planning.update(scene.tree, APP, "prod", change, file=file)
    for file in ("features.json", "configs/prod/features.json"):
        plan = planning.update(scene.tree, APP, "prod", change, file=file)
        assert [row.where for row in plan.rows] == ["features.json /flags/beta"]
        after = planning.applied(scene.repository, scene.head, plan)
        assert after == {"configs/prod/features.json": features(beta=True), "configs/prod/values.json": shop("1.0.0")}
        assert plan.version == "1.0.0"


def test_the_way_back_restores_all_files_as_they_were(globbed: Several) -> None:
    before = globbed.head
    globbed.commit({"configs/base/limits.json": text({"rate": 5}), "configs/base/features.json": features(beta=True)})
    globbed.promote()
    files = as_verified(globbed.tree, APP, "prod", before)
    assert files == {"features.json": features(), "values.json": shop("1.0.0")}
    plan = plan_back(globbed.tree, APP, "prod", files)
    assert [f"{row.kind} {row.where}" for row in plan.rows] == [
        "remove features.json /flags/beta",
        "remove limits.json /rate",
    ]


def test_a_renamed_folder_keeps_the_way_back_and_the_base(globbed: Several) -> None:
    globbed.promote()
    then = globbed.head
    for file, data in {"values.json": shop("1.0.0"), "features.json": features()}.items():
        moved = {f"{folder}/{place}/{file}": data if folder == "env" else None
                 for folder in ("env", "configs") for place in ("base", "dev", "prod")}  # fmt: skip
        globbed.commit(moved)
    globbed.configure(BOTH, environments={"dev": "/env/dev", "prod": "/env/prod"})
    assert as_verified(globbed.tree, APP, "prod", then) == {"values.json": shop("1.0.0"), "features.json": features()}
    assert (globbed.rows(), globbed.plan().first_time) == ([], False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"values": ["values.json", "*.json"]}, "applications.shop.values: reaches configs/dev/values.json twice"),
        ({"values": ["values.json", "values.json"]}, "names values.json twice"),
        ({"values": []}, "must name a file"),
        ({"values": ["../x.json", "values.json"]}, r"'\.\./x\.json' is not a path in the repository"),
        ({"values": "**/values.json", "environments": {"dev": "/configs", "prod": "/configs"}},
         "dev and prod share the file configs/base/values.json"),
        ({"values": BOTH, "environments": {"dev": "/configs", "prod": "/configs"}},
         "dev and prod share the file configs/values.json"),
        ({"values": BOTH, "application": {"schema": {"feature.json": "s.json"}}},
         'applications.shop.schema.feature.json: no application has a values file "feature.json"'),
        ({"values": "values.json", "application": {"schema": {"values.json": "s.json"}}}, "must be one path"),
        ({"values": BOTH, "rules": [{"pointer": "/a", "owner": "own", "file": "feature.json"}]},
         'rules.0.file: no application has a values file "feature.json"'),
        ({"values": BOTH, "allow": [{"pointer": "/a", "reason": "r", "file": "feature.json"}]}, "allow.0.file"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_are_refused_by_name(globbed: Several, more: dict[str, Any], said: str) -> None:
    values = more.pop("values")
    globbed.configure(values, **more)
    with pytest.raises(Misconfigured, match=said):
        globbed.tree.paths(APP, "dev")
    assert check_repository(globbed.tree).is_misconfigured


def test_each_file_is_checked_with_its_own_schema_and_findings_name_it(globbed: Several) -> None:
    only = text({"type": "object", "properties": {"flags": {"additionalProperties": {"type": "boolean"}}}})
    globbed.commit({"features.schema.json": only, "configs/prod/features.json": features(beta="yes")})
    globbed.configure(BOTH, application={"schema": {"*features.json": "features.schema.json"}})
    found = check_repository(globbed.tree)
    assert [finding.place for finding in found.findings if finding.blocking] == ["configs/prod/features.json:3:5"]
    assert {context.path for context, _, _ in found.verdicts} == {
        f"configs/{place}/{file}" for place in ("base", "dev", "prod") for file in BOTH
    }
    verdict = schema_verdict(globbed.tree, globbed.plan())
    assert verdict is not None
    assert verdict.failed
    assert "configs/prod/features.json:3:5" in verdict.reason


def test_a_missing_schema_of_one_file_is_an_error_in_every_plan(globbed: Several) -> None:
    globbed.configure(BOTH, application={"schema": {"features.json": "nowhere.json"}})
    with pytest.raises(Misconfigured, match=r"there is no nowhere\.json"):
        globbed.plan()


def test_all_mistakes_of_all_files_come_at_once(globbed: Several) -> None:
    globbed.commit({"configs/base/features.json": b"{,}", "configs/base/values.json": b"{]"})
    with pytest.raises(LiftgateError) as raised:
        globbed.plan()
    assert "configs/base/features.json" in str(raised.value)
    assert "configs/base/values.json" in str(raised.value)


def test_an_entry_that_no_environment_has_a_file_for_is_a_warning(globbed: Several) -> None:
    globbed.configure([*BOTH, "featuers.json", "more/*.json"])
    found = check_repository(globbed.tree)
    said = [each.message for each in found.findings if each.rule == "no-such-file"]
    assert said == [f"applications.shop.values: no environment has {each}" for each in ("featuers.json", "more/*.json")]
    assert not found.is_misconfigured


def test_a_file_with_a_name_that_no_trailer_can_hold_is_refused(globbed: Several) -> None:
    globbed.commit({"configs/prod/a  b.json": b"{}"})
    with pytest.raises(Misconfigured, match=r"reaches 'configs/prod/a  b\.json', a name that cannot stand in a commit"):
        globbed.tree.paths(APP, "prod")


def test_environments_in_the_names_of_files(tmp_path: Path) -> None:
    scene = Several.start(tmp_path, "*.{environment}.json")
    names = {f"envs/{kind}.{place}.json": shop("1.0.0") if kind == "app" else features()
             for kind in ("app", "flags") for place in ("dev", "prod")}  # fmt: skip
    scene.commit({**names, "envs/app.dev.json": shop("1.1.0")})
    scene.configure("*.{environment}.json", environments={"dev": "/envs", "prod": "/envs"})
    plan = scene.promote()
    assert [each.file for each in plan.files] == ["app.{environment}.json", "flags.{environment}.json"]
    assert plan.paths == ("envs/app.prod.json", "envs/flags.prod.json")
    assert [row.where for row in plan.rows] == ["app.{environment}.json /application/version"]


def test_the_digests_of_one_file_are_as_they_were(tmp_path: Path) -> None:
    scene = Several.start(tmp_path, ["values.json"])
    scene.commit({"configs/base/values.json": shop("1.1.0")})
    plan = scene.plan()
    assert "file" not in str(plan.files[0].model_dump())
    assert "file" not in str([row.model_dump() for row in plan.rows])
    assert scene.tree.application(APP).values == "values.json"
    assert (plan.release_id, plan.hash) == (RELEASE, PLAN)


RELEASE = "sha256:064c2bffaf4e5c85ada15b9ed09ac2284a284804ff1d87703a8cb37bd351562e"
PLAN = "sha256:c3b00ce06dbcb64247dcaa48156185b3c780d02afe871ad43189e5d598f84991"
"""As the version before this one made them, in the same repository."""
