"""Manifests as text: the places of values, and what is no YAML."""

from __future__ import annotations

import pytest
import yaml

from liftgate.domain.manifests.manifests import manifests
from liftgate.domain.manifests.project import rbac
from liftgate.domain.manifests.text import read_manifests, stream, write_manifests
from liftgate.errors import Refused
from tests.domain.manifest_cases import PLACES, TARGET


def test_every_value_has_its_place_or_that_of_the_nearest_around_it() -> None:
    (one,) = read_manifests("a:\n  b: [1, {c: 2}]\n", "f.yaml")
    assert one.place("a", "b", 1, "c") == "f.yaml:2:11"
    assert one.place("a", "b", 1, "nothing", "there") == "f.yaml:2:10"
    assert one.place() == "f.yaml:1:1"


def test_a_list_is_its_items() -> None:
    first, second = read_manifests("kind: List\nitems:\n- kind: A\n- {kind: B, metadata: {name: b}}\n", "f.yaml")
    assert (first.kind, second.kind, second.name) == ("A", "B", "b")
    assert second.place("metadata", "name") == "f.yaml:4:24"


def test_what_a_shell_would_fill_in_is_read_even_where_it_is_no_yaml() -> None:
    (one,) = read_manifests("a: {path: configs/${env}, b: c} # ${x}\n", "f.yaml")
    assert one.value == {"a": {"path": "configs/${env}", "b": "c"}}
    assert one.place("a", "b") == "f.yaml:1:27"


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\x00", "a: !!python/object:os.system {}", "x" * 2_000_000])
def test_what_is_no_yaml_is_refused_with_its_file(text: str) -> None:
    with pytest.raises(Refused, match=r"^f\.yaml"):
        read_manifests(text, "f.yaml")


def test_an_alias_is_what_it_stands_for_unless_it_grows_without_end() -> None:
    (one,) = read_manifests("a: &a {b: c}\nd: *a\n", "f.yaml")
    assert one.value["d"] == {"b": "c"}
    rows = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    for text in ("\n".join(rows), "a: &a [*a]"):
        with pytest.raises(Refused, match="too large"):
            read_manifests(text, "f.yaml")


def test_what_is_written_reads_back_and_the_project_says_how_to_get_a_token() -> None:
    made = manifests(PLACES, TARGET, "applications")
    text = stream(made, {"configs/dev/kustomization.yaml": "kind: Kustomization\n\nresources: []\n"})
    assert list(yaml.safe_load_all(text)) == list(made.values())
    assert "#   kind: Kustomization\n#\n#   resources: []\n" in text
    head = write_manifests(made["argocd/project.yaml"])
    assert "argocd proj role create-token shop promoter" in head
    assert all(f"#   {line}\n" in head for line in rbac("shop"))
