"""What a chart is given, by a program of our own in Helm's place; what Helm says itself is in the recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.render.manifests import render

_PROGRAM = """#!/bin/sh
[ -e refuses ] && { echo "Error: no such $PWD" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in --values) cat $2; echo; echo ---;; --set) echo "set: $2"; echo ---;; esac
  shift
done
"""
_CHART = {"chart/Chart.yaml": b"name: x"}


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the values that it is given; fails in a chart with a file `refuses`."""
    program = tmp_path / "helm"
    program.write_text(_PROGRAM)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def rendered(files: dict[str, bytes], references: Any = (), **helm: Any) -> list[Any]:
    """The objects without what tracks them."""
    source = {"path": "chart", "helm": helm}
    found = render(_CHART | files, source, "a", "b", dict(references))
    assert found.source_type == "Helm"
    return [{name: value for name, value in one.items() if name != "metadata"} for one in found.manifests]


@pytest.mark.usefixtures("helm")
def test_values_come_from_files_of_the_repository_then_inline_then_by_name() -> None:
    files = {"configs/dev/values.json": b'{"a": 1}', "chart/more.yaml": b"b: 2"}
    given = ["../configs/dev/values.json", "more.yaml", "/configs/dev/values.json", "$other/c.yaml"]
    found = rendered(
        files,
        {"other": {"c.yaml": b"c: 3"}},
        valueFiles=given,
        valuesObject={"d": 4},
        parameters=[{"name": "e", "value": "5"}],
    )
    assert found == [{"a": 1}, {"b": 2}, {"a": 1}, {"c": 3}, {"d": 4}, {"set": "e=5"}]


@pytest.mark.usefixtures("helm")
def test_a_missing_file_may_be_left_out() -> None:
    assert rendered({}, valueFiles=["nowhere.json"], ignoreMissingValueFiles=True) == []


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"valueFiles": ["../../etc/passwd"]}, "resolved to outside repository root"),
        ({"valueFiles": ["$nobody/a.json"]}, "no source has a 'ref' of that name"),
        ({"fileParameters": []}, "does not know helm.fileParameters"),
    ],
)
def test_what_cannot_be_given_to_it_is_refused(options: Any, words: str) -> None:
    with pytest.raises(RenderError, match=words):
        rendered({}, **options)


@pytest.mark.usefixtures("helm")
def test_its_failure_is_told_without_our_paths() -> None:
    with pytest.raises(RenderError) as refused:
        rendered({"chart/refuses": b""})
    assert str(refused.value).endswith("failed exit status 1: Error: no such <path to cached source>/chart")


def test_without_the_program_a_chart_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RenderError, match="not on its PATH"):
        rendered({})
