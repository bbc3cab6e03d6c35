"""All mistakes of a work tree at once, each with its place first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Folder, Said
from tests.examples import SEED, text, values

Liftgate = Callable[..., Said]


def test_a_good_repository_passes(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 0
    assert "4 files, no mistakes" in said.out


def test_what_is_not_committed_yet_is_checked(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/staging/values.json", b'{"application": {"name": "example-app",}}\n')
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 1
    assert said.out.startswith("configs/staging/values.json:1:")


def test_every_finding_of_every_file_is_named(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/dev/values.json", text(values("dev", "not a version")))
    clone.put("configs/prod/values.json", text(values("prod", password="hunter2-hunter2")))
    clone.put("configs/base/values.json", b'{"application": NaN}\n')
    said = liftgate("validate", "--repo", str(clone.path), "--json")
    assert (said.code, said.data["ok"]) == (1, False)
    places = {finding["place"].partition(":")[0] for finding in said.data["findings"]}
    assert places == {f"configs/{name}/values.json" for name in ("base", "dev", "prod")}
    assert "hunter2" not in said.out


def test_a_step_taken_out_of_the_pipeline_is_not_run(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/prod/values.json", text(values("prod", password="hunter2-hunter2")))
    assert liftgate("validate", "--repo", str(clone.path)).code == 1
    configure(clone, ["pipeline", "stages", 0, "steps"], ["json-lint", "schema-validation"])
    assert liftgate("validate", "--repo", str(clone.path)).code == 0


def test_it_works_without_git(clone: Folder, liftgate: Liftgate) -> None:
    (clone.path / ".git").rename(clone.path.parent / "elsewhere")
    assert liftgate("validate", "--repo", str(clone.path / "configs/dev")).code == 0


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (["policy"], {"prod": {"soak": "soon"}}, ("liftgate.json:", "policy.prod.soak", "must be a time like")),
        (["policy"], {"prd": {}}, ("policy", 'did you mean "prod"?')),
        (["pipeline", "stages", 0, "steps"], ["json-lnt"], ("pipeline.validate", 'did you mean "json-lint"?')),
        (["rollback", "validation", "steps"], ["helth-check"], ("rollback", 'did you mean "health-check"?')),
        (["enviroments"], {}, ("unknown key", 'did you mean "environments"?')),
    ],
)
def test_a_wrong_configuration_is_named_with_the_nearest_right_word(
    place: list[Any], value: Any, words: tuple[str, ...], clone: Folder, liftgate: Liftgate
) -> None:
    configure(clone, place, value)
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 5
    first, last = said.out.splitlines()
    assert first.startswith("liftgate.json:")
    assert all(word in first for word in words), said.out
    assert last.startswith("1 finding in ")


def test_too_few_approvers_are_a_warning(clone: Folder, liftgate: Liftgate) -> None:
    rules = {"staging": {"needed": 2, "from": []}, "prod": {"needed": 2, "from": ["ada", "grace"]}}
    configure(clone, ["policy"], {name: {"approvals": rule} for name, rule in rules.items()})
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 0
    assert said.out.splitlines()[0].partition(" ")[2] == (
        "policy.prod.approvals.from names 2 for 2 needed; the requester and the authors of a change may "
        "not approve it, so add 1 or more [approvals]"
    )
    configure(clone, ["policy"], {"prod": {"approvals": {"needed": 1, "from": ["ada"], "author": "allowed"}}})
    assert liftgate("validate", "--repo", str(clone.path), "--json").data["findings"] == []


def test_no_folder_and_no_repository_are_told_apart(clone: Folder, liftgate: Liftgate) -> None:
    nowhere = liftgate("validate", "--repo", str(clone.path / "nowhere"))
    outside = liftgate("validate", "--repo", str(clone.path.parent))
    assert (nowhere.code, outside.code) == (5, 5)
    assert "there is no folder" in nowhere.err
    assert "liftgate init" in outside.err


def configure(clone: Folder, place: list[Any], value: Any) -> None:
    document = json.loads(json.dumps(SEED))
    below = document
    for key in place[:-1]:
        below = below[key]
    below[place[-1]] = value
    clone.put("liftgate.json", text(document))


def test_a_schema_that_cannot_be_read_is_a_misconfiguration(clone: Folder, liftgate: Liftgate) -> None:
    configure(clone, ["applications"], {"example-app": {"schema": "schema.json"}})
    clone.put("schema.json", b"{")
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 5
    assert said.out.startswith("schema.json:1:")


@pytest.mark.parametrize(
    "case", sorted((Path(__file__).parents[1] / "cases/json").rglob("*.json")), ids=lambda p: p.stem
)
def test_no_bad_file_gives_a_traceback(case: Path, clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/staging/values.json", case.read_bytes())
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 1, said.err
    assert said.out.startswith("configs/staging/values.json:")


def test_what_sops_yaml_says_is_checked_of_every_file(clone: Folder, liftgate: Liftgate) -> None:
    clone.put(".sops.yaml", b"creation_rules: [{path_regex: ^configs/prod/, age: age1x, encrypted_regex: search}]\n")
    said = liftgate("validate", "--repo", str(clone.path), "--json")
    (finding,) = said.data["findings"]
    assert (said.code, finding["rule"]) == (1, "sops-coverage")
    assert finding["place"].startswith("configs/prod/values.json:")


def test_a_broken_sops_yaml_is_named(clone: Folder, liftgate: Liftgate) -> None:
    clone.put(".sops.yaml", b"creation_rules: none\n")
    said = liftgate("validate", "--repo", str(clone.path))
    assert (said.code, said.out.splitlines()[0]) == (
        5,
        ".sops.yaml: creation_rules must be a list of rules [sops-rules]",
    )


def test_ciphertext_copied_from_another_environment_is_found(clone: Folder, liftgate: Liftgate) -> None:
    secret = "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]"
    for name in ("dev", "prod"):
        clone.put(f"configs/{name}/values.json", text(values(name, password=secret)))
    found = liftgate("validate", "--repo", str(clone.path), "--json").data["findings"]
    assert {f["place"].partition(":")[0] for f in found if f["rule"] == "sops-foreign"} == {
        "configs/dev/values.json", "configs/prod/values.json",
    }  # fmt: skip


def test_a_malformed_reference_comes_out_of_the_scan(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/dev/values.json", text(values("dev", dsn="<path:kv/shop#password>", url="ref+vault://kv")))
    found = liftgate("validate", "--repo", str(clone.path), "--json").data["findings"]
    assert [f["rule"] for f in found] == ["reference-form"] * 2


def test_one_call_finds_the_mistakes_of_all_kinds_in_all_files(clone: Folder, liftgate: Liftgate) -> None:
    """In `liftgate.json` of the file's form, of one entry, between two entries and of a step's name; in a schema, in
    `.sops.yaml`, and in values: strict JSON, the schema and a secret in the same file."""
    document = SEED | {
        "policy": {"prod": {"soak": "soon", "aprovals": {}}, "prd": {}},
        "rules": [{"pointer": "application", "owner": "own"}, {"pointer": "/a", "owner": "owm"}],
        "pins": [{"pointer": "/a", "environment": "prd", "owner": "ada", "reason": "r"}],
        "rollback": {"validation": {"steps": ["helth-check"]}},
        "people": {"ada": {"email": 1}},
        "operators": ["adda"],
        "applications": {"example-app": {"schema": "schema.json"}, "shop": {"schema": "nowhere.json"}, "-": {}},
    }
    clone.put("liftgate.json", text(document)[:-3] + b",\n}\n")
    clone.put("schema.json", b'{"type": "object",}')
    clone.put(".sops.yaml", b"creation_rules: none\n")
    broken = text(values("dev", "not a version", password="hunter2-hunter2"))
    clone.put("configs/dev/values.json", broken[:-3] + b",\n}\n")
    said = liftgate("validate", "--repo", str(clone.path), "--json")
    assert (said.code, said.err) == (5, "")
    assert "hunter2" not in said.out
    found = {(each["file"], each["pointer"]) for each in said.data["findings"] if each["line"]}
    assert found >= {
        ("liftgate.json", ""),
        ("liftgate.json", "/policy/prod/soak"),
        ("liftgate.json", "/policy/prod/aprovals"),
        ("liftgate.json", "/policy/prd"),
        ("liftgate.json", "/rules/0/pointer"),
        ("liftgate.json", "/rules/1/owner"),
        ("liftgate.json", "/pins/0/environment"),
        ("liftgate.json", "/rollback/validation/steps/0"),
        ("liftgate.json", "/people/ada/email"),
        ("liftgate.json", "/operators/0"),
        ("liftgate.json", "/applications/-"),
        ("schema.json", ""),
        ("configs/dev/values.json", ""),
        ("configs/dev/values.json", "/application/environment/configs/password"),
    }
    assert {each["rule"] for each in said.data["findings"] if each["file"] == ".sops.yaml"} == {"sops-rules"}


def test_a_file_that_is_no_strict_json_is_also_checked_for_what_it_most_likely_means(
    clone: Folder, liftgate: Liftgate
) -> None:
    broken = text(values("dev", "not a version", password="hunter2-hunter2"))
    clone.put("configs/dev/values.json", broken[:-3] + b",\n}\n")
    found = liftgate("validate", "--repo", str(clone.path), "--json").data["findings"]
    assert {(each["pointer"], each["rule"]) for each in found} == {
        ("", "trailing-comma"),
        ("/application/version", "pattern"),
        ("/application/environment/configs/password", "plain-secret"),
    }


def test_values_without_a_name_hide_no_other_files_mistakes(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/dev/other/values.json", b"{}\n")
    clone.put("configs/prod/values.json", text(values("prod", "not a version")))
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0].startswith("configs/dev/other/values.json:1:1: ")
    assert lines[1].startswith("configs/prod/values.json:")
    assert lines[-1] == "2 findings in 5 files"


def test_a_mistake_in_the_environments_leaves_no_file_to_check(clone: Folder, liftgate: Liftgate) -> None:
    configure(clone, ["environments"], {"dev": "/configs/dev", "prod": "../prod"})
    said = liftgate("validate", "--repo", str(clone.path))
    assert (said.code, said.out.splitlines()[-1]) == (5, "1 finding in 0 files")


def test_a_wrong_overlay_is_found_for_its_environment_and_the_others_are_checked(
    clone: Folder, liftgate: Liftgate
) -> None:
    configure(clone, ["applications"], {"example-app": {"schema": "schema.json"}})
    clone.put("schema.json", text({"properties": {"application": {"required": ["team"]}}}))
    clone.put("schema.prod.json", b"[")
    clone.put("configs/prod/values.json", b"{")
    found = liftgate("validate", "--repo", str(clone.path), "--json").data["findings"]
    assert [each["file"] for each in found] == [
        "schema.prod.json",
        "configs/dev/values.json",
        "configs/staging/values.json",
        "configs/prod/values.json",
    ]
