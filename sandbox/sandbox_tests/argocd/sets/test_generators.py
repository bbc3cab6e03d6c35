"""What directories, files and lists come to, over a repository of git's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.sets.errors import ParamsError
from liftgate_sandbox.argocd.sets.generators import params_of
from liftgate_sandbox.argocd.sources import Sources
from liftgate_sandbox.argocd.state import State

from sandbox_tests.argocd.repository import Config


class Generating:
    """The parameters that a generator over our repository gives."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(folder / "config")
        for name in ("base", "dev", "eu/qa"):
            self.config.values(name, {"application": {"name": name}})
        self.config.write("README.md", "nothing of ours")
        self.config.commit()
        self.sources = Sources(State(folder / "state", lambda: 0.0), Faults())

    def __call__(self, **git: Any) -> list[Any]:
        generator = {"git": {"repoURL": str(self.config.folder), "revision": "main"} | git}
        return params_of(self.sources, {"generators": [generator]})


@pytest.fixture
def generate(tmp_path: Path) -> Generating:
    return Generating(tmp_path)


def test_a_star_is_one_part_of_a_path_and_exclusion_wins(generate: Generating) -> None:
    found = generate(directories=[{"path": "configs/*"}, {"path": "configs/base", "exclude": True}])
    assert [one["path"]["path"] for one in found] == ["configs/dev", "configs/eu"]
    assert found[1]["path"] == {
        "path": "configs/eu",
        "basename": "eu",
        "basenameNormalized": "eu",
        "segments": ["configs", "eu"],
    }


def test_two_stars_are_any_number_of_parts(generate: Generating) -> None:
    assert [one["path"]["basename"] for one in generate(directories=[{"path": "configs/**"}])][-1] == "qa"


def test_a_file_gives_what_it_holds_and_where_it_lies(generate: Generating) -> None:
    [base, dev] = generate(files=[{"path": "configs/*/values.json"}])
    assert (base["application"], dev["application"]) == ({"name": "base"}, {"name": "dev"})
    assert (dev["path"]["basename"], dev["path"]["filename"]) == ("dev", "values.json")


def test_an_array_in_a_file_gives_one_for_each_of_its_objects(generate: Generating) -> None:
    generate.config.values("dev", [{"a": 1}, {"a": 2}])
    generate.config.commit()
    assert [one["a"] for one in generate(files=[{"path": "configs/dev/values.json"}])] == [1, 2]


def test_a_list_gives_its_elements(generate: Generating) -> None:
    spec = {"generators": [{"list": {"elements": [{"cluster": "eu"}]}}]}
    assert params_of(generate.sources, spec) == [{"cluster": "eu"}]


def test_a_generator_of_another_kind_is_named(generate: Generating) -> None:
    with pytest.raises(ParamsError, match="not clusters"):
        params_of(generate.sources, {"generators": [{"clusters": {}}]})


def test_a_branch_that_is_not_there_is_an_error_of_git(generate: Generating) -> None:
    with pytest.raises(ParamsError, match=r"error getting files from repo: .* unable to resolve 'nowhere'"):
        generate(files=[{"path": "*"}], revision="nowhere")
