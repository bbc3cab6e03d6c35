"""Each mistake that manifests have is named, at its place; and none where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain import manifests, manifests_application, manifests_set, manifests_text
from liftgate.domain.manifests_check import RULES, check
from liftgate.domain.manifests_place import Place, Target
from liftgate.domain.manifests_seen import App, Seen
from liftgate.domain.verdict import Finding

URL = "https://git.example.com/shop/config.git"
TARGET = Target(repository=URL, project="shop")
ANNOTATED = """configMapGenerator: [{name: values, files: [values.json]}]
generatorOptions: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous,
  argocd.argoproj.io/sync-options: Prune=false}}
"""
SEED = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: environment-config}
spec:
  source: {repoURL: git@github.com:org/config-repo.git, path: configs/${env}, targetRevision: main}
"""


def place(environment: str, chart: str = "") -> Place:
    return Place(
        application="shop",
        environment=environment,
        pattern="{application}-{environment}",
        root=f"configs/{environment}",
        values=f"configs/{environment}/values.json",
        chart=chart,
    )


PLACES = (place("dev"), place("prod"))


def seen(*places: Place, **files: str | None) -> Seen:
    """A repository for Kustomize and Helm; the files replace its own by `a__b_yaml`, None takes one away."""
    found: dict[str, str | None] = {"chart/Chart.yaml": "name: shop\n", "chart/templates/all.yaml": "{{ broken"}
    for name in ("dev", "prod"):
        found |= {f"configs/{name}/values.json": "{}", f"configs/{name}/kustomization.yaml": ANNOTATED}
    found |= {
        name.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json"): t for name, t in files.items()
    }
    kept = {path: text.encode() for path, text in found.items() if text is not None}
    return Seen(files=kept, places=places or PLACES, repository=URL)


def application(name: str = "dev", chart: str = "", **spec: Any) -> str:
    """As Liftgate writes it, with parts of its spec replaced; None takes one away."""
    document = manifests_application.application(place(name, chart), TARGET)
    document["spec"] = {key: value for key, value in (document["spec"] | spec).items() if value is not None}
    return yaml.safe_dump(document, sort_keys=False)


def application_set(**spec: Any) -> str:
    document = manifests_set.application_set(PLACES, TARGET)
    document["spec"] = {key: value for key, value in (document["spec"] | spec).items() if value is not None}
    return yaml.safe_dump(document, sort_keys=False)


def source(**parts: Any) -> Any:
    return {"repoURL": URL, "targetRevision": "main", "path": "configs/dev"} | parts


def found(text: str, at: Seen | None = None) -> list[Finding]:
    return check({"a.yaml": text}, at or seen())


def the(rule: str, text: str, at: Seen | None = None) -> Finding:
    """The one finding, which must be of that rule."""
    (finding,) = found(text, at)
    assert finding.rule == rule, finding
    assert finding.fix
    return finding


def test_the_seeds_manifest_has_all_of_its_mistakes_named_at_once() -> None:
    bare = Seen(files={f"configs/{name}/values.json": b"{}" for name in ("dev", "prod")}, places=PLACES)
    findings = check({"a.yaml": SEED}, bare)
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
    files = {path: manifests_text.write(document) for path, document in made.items()}
    assert check(files, seen()) == []


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        (None, "spec.destination is missing"),
        ({"namespace": "shop"}, "no cluster"),
        ({"server": "https://a.example.com", "name": "a", "namespace": "shop"}, "twice"),
        ({"name": "a"}, "no namespace"),
    ],
)
def test_a_destination_must_be_whole(destination: Any, words: str) -> None:
    assert words in the("destination", application(destination=destination)).message


def test_an_application_needs_a_project() -> None:
    assert "spec.project is missing" in the("project", application(project=None)).message


def test_prod_must_not_be_in_the_default_project() -> None:
    assert not the("project", application("prod", project="default")).blocking
    assert found(application("dev", project="default")) == []


def test_everything_by_one_set_in_the_default_project_is_prod_too() -> None:
    template = manifests_set.application_set(PLACES, TARGET)["spec"]["template"]
    template["spec"]["project"] = "default"
    assert "prod is in the project default" in the("project", application_set(template=template)).message


@pytest.mark.parametrize("text", ["configs/${env}", "configs/{{env}}"])
def test_nobody_fills_in_a_placeholder(text: str) -> None:
    assert "placeholder" in {finding.rule for finding in found(application(source=source(path=text)))}


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (None, "nothing is synced by itself"),
        ({"automated": {"enabled": False}}, "nothing is synced by itself"),
        ({"automated": {"selfHeal": True}}, "stays in the cluster"),
        ({"automated": {"prune": True}}, "without selfHeal"),
    ],
)
def test_what_auto_sync_leaves_undone_is_said(policy: Any, words: str) -> None:
    finding = the("auto-sync", application(syncPolicy=policy))
    assert words in finding.message
    assert not finding.blocking


@pytest.mark.parametrize("revision", ["f" * 40, "v1.4.2", "1.4.2"])
def test_a_revision_that_never_moves_lets_no_promotion_arrive(revision: str) -> None:
    assert the("fixed-revision", application(source=source(targetRevision=revision))).blocking


def test_an_ssh_address_needs_its_secret_once() -> None:
    url = "git@git.example.com:shop/config.git"
    both = [application(name, source=source(repoURL=url, path=f"configs/{name}")) for name in ("dev", "prod")]
    the("repository-secret", "---\n".join(both))
    secret = {
        "kind": "Secret",
        "metadata": {"name": "config", "labels": {"argocd.argoproj.io/secret-type": "repo-creds"}},
        "stringData": {"url": "git@git.example.com:shop", "sshPrivateKey": "hunter2"},
    }
    assert found("---\n".join([*both, yaml.safe_dump(secret)])) == []


def test_a_folder_with_nothing_but_json_values_never_deploys() -> None:
    finding = the("no-manifests", application(), seen(configs__dev__kustomization_yaml=None))
    assert "Object 'Kind' is missing" in finding.message
    assert "configs/dev/kustomization.yaml" in finding.fix


def test_a_folder_with_nothing_but_yaml_values_is_healthy_and_empty() -> None:
    files = {"configs__dev__kustomization_yaml": None, "configs__dev__values_json": None}
    finding = the("no-manifests", application(), seen(**files, configs__dev__values_yaml="application: {}\n"))
    assert "zero resources, which counts as Synced and Healthy" in finding.message
    assert finding.blocking


def test_plain_manifests_are_manifests() -> None:
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    assert found(application(), seen(configs__dev__kustomization_yaml=None, configs__dev__a_yaml=plain)) == []


def test_a_folder_that_is_not_there_is_named() -> None:
    assert "no folder configs/dve" in the("no-manifests", application(source=source(path="configs/dve"))).message


def test_helm_needs_a_chart_where_it_is_told_to_look() -> None:
    helm = {"valueFiles": ["values.json"]}
    assert "no Helm chart" in the("no-manifests", application(source=source(helm=helm))).message


def test_another_repository_is_not_judged_by_this_one() -> None:
    assert found(application(source=source(repoURL="https://git.example.com/shop/other.git", path="nowhere"))) == []


def test_without_liftgate_json_the_folders_beside_tell_the_environments() -> None:
    bare = Seen(files={"configs/test/values.json": b"{}"})
    (finding,) = (each for each in check({"a.yaml": SEED}, bare) if each.rule == "no-manifests")
    assert finding.message.startswith("configs/test holds only values.json")


@pytest.mark.parametrize(
    ("written", "blocking"),
    [
        ("configMapGenerator: [{name: a, files: [values.json]}]\n", False),
        (ANNOTATED.replace("IgnoreExtraneous", "Other"), True),
    ],
)
def test_what_a_generated_configmap_leaves_behind_is_said(written: str, blocking: bool) -> None:
    finding = the("leftovers", application(), seen(configs__dev__kustomization_yaml=written))
    assert finding.place == "configs/dev/kustomization.yaml:1:22"
    assert finding.blocking is blocking


def test_without_prune_leftovers_keep_the_application_out_of_sync() -> None:
    written = "configMapGenerator: [{name: a, files: [values.json]}]\n"
    text = application(syncPolicy={"automated": {"selfHeal": True}})
    rules = {f.rule: f.blocking for f in found(text, seen(configs__dev__kustomization_yaml=written))}
    assert rules == {"auto-sync": False, "leftovers": True}


def test_a_name_without_a_suffix_leaves_nothing() -> None:
    written = "configMapGenerator: [{name: a, files: [values.json], options: {disableNameSuffixHash: true}}]\n"
    assert found(application(), seen(configs__dev__kustomization_yaml=written)) == []


def test_a_kustomization_that_does_not_name_the_values_is_told() -> None:
    finding = the("unused-values", application(), seen(configs__dev__kustomization_yaml="resources: []\n"))
    assert "a promotion changes nothing" in finding.message


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("../configs/dve/values.json", "no configs/dve/values.json"),
        ("$values/configs/dev/values.json", "no source has ref: values"),
        ("configs/$values/values.json", "in the middle"),
    ],
)
def test_a_values_file_that_helm_does_not_find_is_named(file: str, words: str) -> None:
    text = application(chart="chart", source=source(path="chart", helm={"valueFiles": [file]}))
    assert words in the("values-file", text).message


def several(*sources: Any) -> str:
    return application(source=None, sources=list(sources))


REFERENCE = {"repoURL": URL, "targetRevision": "main", "ref": "values"}
CHART = {
    "repoURL": "https://charts.example.com",
    "chart": "shop",
    "targetRevision": "1.4.2",
    "helm": {"valueFiles": ["$values/configs/dev/values.json"]},
}


def test_a_chart_of_its_own_version_with_values_from_here_is_fine() -> None:
    assert found(several(CHART, REFERENCE)) == []


def test_a_chart_whose_version_moves_is_no_release() -> None:
    assert the("sources", several(CHART | {"targetRevision": "1.*"}, REFERENCE)).blocking


def test_two_sources_of_one_repository_are_one_too_many() -> None:
    text = several(source(path="chart", helm=CHART["helm"]), REFERENCE)
    assert not the("sources", text).blocking


def test_a_source_beside_sources_is_ignored() -> None:
    text = application(sources=[CHART, REFERENCE])
    assert "source is ignored" in the("sources", text).message


def test_the_same_name_twice_is_one_application() -> None:
    findings = found(f"{application()}---\n{application()}")
    assert [finding.rule for finding in findings] == ["one-name", "one-name"]


def test_a_set_whose_name_does_not_vary_is_one_application() -> None:
    template = manifests_set.application_set(PLACES, TARGET)["spec"]["template"]
    template["metadata"]["name"] = "shop"
    assert the("one-name", application_set(template=template)).fix == "Name them shop-dev, shop-prod."


def test_a_name_liftgate_does_not_look_for_has_its_nearest_one() -> None:
    text = application().replace("name: shop-dev", "name: shop-development", 1)
    assert 'did you mean "shop-dev"?' in the("unknown-name", text).message


@pytest.mark.parametrize("inside", [False, True])
def test_the_files_generator_is_weak(inside: bool) -> None:
    git = {"git": {"repoURL": URL, "revision": "main", "files": [{"path": "configs/*/values.json"}]}}
    generators = [{"matrix": {"generators": [{"list": {"elements": []}}, git]}}] if inside else [git]
    finding = the("files-generator", application_set(generators=generators))
    assert "stops the whole set" in finding.message


def test_a_set_takes_what_runs_with_a_removed_folder() -> None:
    assert "take what runs with them" in the("set-deletion", application_set(syncPolicy=None)).message


def test_a_parameter_that_does_not_exist_must_be_an_error() -> None:
    assert "<no value>" in the("missing-key", application_set(goTemplateOptions=None)).message


def test_what_is_no_yaml_is_a_finding_beside_the_others() -> None:
    findings = check({"a.yaml": "a: [", "b.yaml": application(project=None)}, seen())
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
    check({"a.yaml": yaml.safe_dump({**body, "kind": kind})}, seen())
    one = App(manifest=manifests_text.Manifest(file="a.yaml", value={"spec": value}))
    for rule in RULES:
        list(rule(one, seen()))
