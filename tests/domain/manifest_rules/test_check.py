"""Each mistake that manifests have is named, at its place; and none where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.manifest_rules.check import RULES, check_manifests
from liftgate.domain.manifests import manifests
from liftgate.domain.manifests import text as manifests_text
from liftgate.domain.manifests.seen import App, Seen
from tests.domain.manifest_cases import PLACES, SEED, TARGET, application, place, seen, the


def test_the_seeds_manifest_has_all_of_its_mistakes_named_at_once() -> None:
    bare = Seen(files={f"configs/{name}/values.json": b"{}" for name in ("dev", "prod")}, places=PLACES)
    findings = check_manifests({"a.yaml": SEED}, bare)
    assert {finding.rule: finding.place for finding in findings} == {
        "one-name": "a.yaml:3:12",
        "destination": "a.yaml:4:1",
        "project": "a.yaml:4:1",
        "auto-sync": "a.yaml:4:1",
        "repository-secret": "a.yaml:5:12",
        "no-manifests": "a.yaml:5:57",
        "placeholder": "a.yaml:5:57",
    }
    assert {finding.rule for finding in findings if not finding.blocking} == {"auto-sync", "repository-secret"}


@pytest.mark.parametrize("chart", ["", "chart"])
@pytest.mark.parametrize("form", ["applications", "applicationset"])
def test_what_liftgate_writes_has_no_mistakes(form: manifests.Form, chart: str) -> None:
    places = [place(name, chart) for name in ("dev", "prod")]
    made = manifests.manifests(places, TARGET, form)
    files = {path: manifests_text.write_manifests(document) for path, document in made.items()}
    assert check_manifests(files, seen()) == []


def test_what_is_no_yaml_is_a_finding_beside_the_others() -> None:
    findings = check_manifests({"a.yaml": "a: [", "b.yaml": application(project=None)}, seen())
    assert [(finding.place, finding.rule) for finding in findings] == [
        ("a.yaml:1:5", "no-yaml"),
        ("b.yaml:6:1", "project"),
    ]


def test_files_without_an_application_are_told_so() -> None:
    the("no-application", "kind: AppProject\nmetadata: {name: shop}\n")


KEYS = [
    "source",
    "sources",
    "path",
    "repoURL",
    "helm",
    "valueFiles",
    "syncPolicy",
    "automated",
    "destination",
    "generators",
    "git",
    "matrix",
    "template",
    "spec",
    "metadata",
    "name",
    "labels",
]
TEXTS = st.sampled_from(["", "configs/dev", "${env}", "{{.path.path}}", "$a/b"])
ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@given(value=ANY, kind=st.sampled_from(["Application", "ApplicationSet", "AppProject", "Secret"]))
def test_no_rule_stumbles_over_what_somebody_wrote(value: Any, kind: str) -> None:
    body = value if isinstance(value, Mapping) else {"spec": value, "metadata": value}
    check_manifests({"a.yaml": yaml.safe_dump({**body, "kind": kind})}, seen())
    one = App(manifest=manifests_text.Manifest(file="a.yaml", value={"spec": value}))
    for rule in RULES:
        list(rule(one, seen()))
