"""Folders out of which nothing comes, and those that are fine."""

from __future__ import annotations

from liftgate.domain.manifest_rules.check import check_manifests
from liftgate.domain.manifests.seen import Seen
from tests.domain.manifest_cases import SEED, application, found, seen, source, the


def test_a_folder_with_nothing_but_json_values_never_deploys() -> None:
    finding = the("no-manifests", application(), seen(configs__dev__kustomization_yaml=None))
    assert "Object 'Kind' is missing" in finding.message
    assert "configs/dev/kustomization.yaml" in finding.fix


def test_a_folder_with_nothing_but_yaml_values_is_healthy_and_empty() -> None:
    files = {"configs__dev__kustomization_yaml": None, "configs__dev__values_json": None}
    finding = the("no-manifests", application(), seen(**files, configs__dev__values_yaml="application: {}\n"))
    assert "no resources, which always counts as Synced and Healthy" in finding.message
    assert finding.blocking


def test_plain_manifests_are_manifests() -> None:
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    assert found(application(), seen(configs__dev__kustomization_yaml=None, configs__dev__a_yaml=plain)) == []


def test_a_folder_that_is_not_there_is_named() -> None:
    assert "no folder configs/dve" in the("no-manifests", application(source=source(path="configs/dve"))).message


def test_helm_needs_a_chart_where_it_is_told_to_look() -> None:
    helm = {"valueFiles": ["values.json"]}
    assert "not a Helm chart" in the("no-manifests", application(source=source(helm=helm))).message


def test_another_repository_is_not_judged_by_this_one() -> None:
    text = application(source=source(repoURL="https://git.example.com/shop/other.git", path="nowhere"))
    assert not the("other-repository", text).blocking


def test_without_liftgate_json_the_folders_beside_tell_the_environments() -> None:
    bare = Seen(files={"configs/test/values.json": b"{}"})
    (finding,) = (each for each in check_manifests({"a.yaml": SEED}, bare) if each.rule == "no-manifests")
    assert finding.message.startswith("configs/test has only values.json")
