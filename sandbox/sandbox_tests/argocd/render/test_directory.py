"""Directories of plain manifests, and Argo CD's opinion of what is none."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from liftgate_sandbox.argocd.render.directory import RenderError, render_directory

from sandbox_tests.argocd.repository import config_map


def names(files: dict[str, Any], **options: Any) -> list[str]:
    contents = {name: yaml.safe_dump(value).encode() for name, value in files.items()}
    source = {"directory": options} if options else {}
    return [one["metadata"]["name"] for one in render_directory(contents, "d", source)]


def test_every_document_of_yaml_and_json_files_counts() -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [config_map("c"), config_map("d")]}
    files = {
        "d/a.yaml": config_map("a"),
        "d/b.yml": config_map("b"),
        "d/c.yaml": listed,
        "d/e.txt": config_map("e"),
    }
    assert names(files) == ["a", "b", "c", "d"]


def test_values_in_yaml_are_silently_nothing() -> None:
    assert names({"d/values.yaml": {"application": {"name": "app"}}}) == []


def test_below_the_directory_only_with_recurse_and_never_what_is_excluded() -> None:
    files = {"d/a.yaml": config_map("a"), "d/x/b.yaml": config_map("b"), "other/c.yaml": config_map("c")}
    assert names(files) == ["a"]
    assert names(files, recurse=True) == ["a", "b"]
    assert names(files, recurse=True, exclude="x/*") == ["a"]
    assert names(files, recurse=True, include="x/*") == ["b"]


def test_a_file_can_be_marked_to_be_skipped() -> None:
    marked = b"# +argocd:skip-file-rendering\n" + yaml.safe_dump(config_map("a")).encode()
    assert render_directory({"d/a.yaml": marked}, "d", {}) == []


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.yaml", b"a: {b: c\nd: e", "error converting YAML to JSON: yaml: line 1: did not find expected"),
        ("x.json", b"{", 'Failed to unmarshal "x.json"'),
        ("x.json", b"[1]", "cannot unmarshal array into Go value"),
    ],
)
def test_what_cannot_be_read_names_the_file(name: str, content: bytes, problem: str) -> None:
    with pytest.raises(RenderError) as refused:
        render_directory({f"d/{name}": content}, "d", {})
    assert problem in str(refused.value)
    assert refused.value.code == "FailedPrecondition"
