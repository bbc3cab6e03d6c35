"""All mistakes of a work tree at once, each with its place first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Folder, Said
from tests.examples import SEED, text, values

Liftgate = Callable[..., Said]


def test_a_good_repository_passes(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("validate", "--repo", str(clone.path))
    assert said.code == 0
    assert "4 files, nothing wrong" in said.out


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
    assert said.code == 1
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
        (["policy"], {"prod": {"soak": "30m"}}, ("liftgate.json:", "policy.prod.soak", "not enforced")),
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
    assert len(said.err.splitlines()) == 1
    assert all(word in said.err for word in words), said.err


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
