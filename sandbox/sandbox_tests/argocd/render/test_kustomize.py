"""Kustomize as environment repositories use it, checked against what the real one made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from liftgate_sandbox.argocd.kube import compact
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.render.kustomize import build
from liftgate_sandbox.argocd.render.manifests import render

from sandbox_tests.argocd.repository import GENERATOR, deployment

_RECORDED = Path(__file__).parents[4] / "tests" / "cases" / "argocd" / "62-manifests.json"


def files(**contents: Any) -> dict[str, bytes]:
    return {name.replace("__", "/").replace("_yaml", ".yaml"): _bytes(value) for name, value in contents.items()}


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else yaml.safe_dump(value).encode()


def built(kustomization: Any, **contents: Any) -> dict[str, Any]:
    objects = build(files(kustomization_yaml=kustomization, **contents), "")
    return {one["metadata"]["name"]: one for one in objects}


def test_the_recorded_application_is_rendered_to_the_byte() -> None:
    recorded = json.loads(_RECORDED.read_text())["response"]["body"]["manifests"]
    config, workload = (json.loads(text) for text in recorded)
    del workload["metadata"]["annotations"]
    workload["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] = "environment-config"
    generator = {"name": "environment-config", "files": ["values.json"]}
    kustomization = {
        "resources": ["../../base"],
        "configMapGenerator": [generator],
        "generatorOptions": {"annotations": GENERATOR},
    }
    tree = files(
        base__kustomization_yaml={"resources": ["deployment.yaml"]},
        base__deployment_yaml=workload,
        configs__prod__kustomization_yaml=kustomization,
    )
    tree["configs/prod/values.json"] = config["data"]["values.json"].encode()
    found = render(tree, {"path": "configs/prod"}, "app-prod", "prod")
    assert found.source_type == "Kustomize"
    assert [compact(one) for one in found.manifests] == recorded


def test_a_generated_name_follows_its_content_and_whoever_mounts_it_follows() -> None:
    generator = {"name": "environment-config", "literals": ["a=1"]}
    one = built({"resources": ["d.yaml"], "configMapGenerator": [generator]}, d_yaml=deployment())
    two = built(
        {"resources": ["d.yaml"], "configMapGenerator": [generator | {"literals": ["a=2"]}]},
        d_yaml=deployment(),
    )
    for objects in (one, two):
        [name] = [name for name in objects if name.startswith("environment-config-")]
        assert objects["app"]["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == name
    assert one.keys() != two.keys()


def test_options_can_keep_the_plain_name_and_add_labels() -> None:
    generator = {
        "name": "c",
        "literals": ["a=1"],
        "options": {"disableNameSuffixHash": True, "labels": {"x": "y"}},
    }
    found = built({"configMapGenerator": [generator]})
    assert found["c"]["metadata"]["labels"] == {"x": "y"}
    assert found["c"]["data"] == {"a": "1"}


def test_a_generated_secret_is_encoded() -> None:
    [secret] = built({"secretGenerator": [{"name": "s", "literals": ["password=x"]}]}).values()
    assert (secret["type"], secret["data"]) == ("Opaque", {"password": "eA=="})


def test_namespace_labels_annotations_and_images_reach_where_they_belong() -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "app"}},
    }
    kustomization = {
        "resources": ["d.yaml", "s.yaml"],
        "namespace": "prod",
        "commonLabels": {"team": "a"},
        "commonAnnotations": {"note": "b"},
        "images": [{"name": "registry.example.com/app", "newTag": "2.0.0"}],
    }
    found = built(kustomization, d_yaml=deployment(), s_yaml=service)
    app, web = found["app"], found["web"]
    assert app["metadata"] == {
        "name": "app",
        "namespace": "prod",
        "labels": {"team": "a"},
        "annotations": {"note": "b"},
    }
    assert app["spec"]["selector"]["matchLabels"] == {"app": "app", "team": "a"}
    assert app["spec"]["template"]["metadata"]["labels"] == {"app": "app", "team": "a"}
    assert app["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/app:2.0.0"
    assert web["spec"]["selector"] == {"app": "app", "team": "a"}


def test_labels_leave_selectors_alone_unless_told() -> None:
    found = built({"resources": ["d.yaml"], "labels": [{"pairs": {"team": "a"}}]}, d_yaml=deployment())
    assert found["app"]["metadata"]["labels"] == {"team": "a"}
    assert found["app"]["spec"]["selector"]["matchLabels"] == {"app": "app"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"newName": "other"}, "other:1"),
        ({"newName": "other", "newTag": "2"}, "other:2"),
        ({"digest": "sha256:ab"}, "host:80/app@sha256:ab"),
    ],
)
def test_images_change_by_name_tag_or_digest(change: dict[str, str], expected: str) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"image": "host:80/app:1"}]},
    }
    found = built({"resources": ["p.yaml"], "images": [{"name": "host:80/app"} | change]}, p_yaml=pod)
    assert found["p"]["spec"]["containers"][0]["image"] == expected


@pytest.mark.parametrize(
    ("kustomization", "problem"),
    [
        ({"patchesJson": []}, 'invalid Kustomization: json: unknown field "patchesJson"'),
        ({"configMapGenerator": [{"name": "c", "file": "x"}]}, 'unknown field "file"'),
        ({"configMapGenerator": [{"name": "c", "files": ["no.json"]}]}, "no such file or directory"),
        ({"resources": ["no.yaml"]}, "accumulating resources from 'no.yaml': evalsymlink failure"),
        ("a: [", "invalid Kustomization: error converting YAML to JSON: yaml: did not find expected"),
    ],
)
def test_what_kustomize_refuses_is_refused_in_its_words(kustomization: Any, problem: str) -> None:
    with pytest.raises(RenderError) as refused:
        built(kustomization)
    assert str(refused.value).startswith("`kustomize build <path to cached source>/` failed exit status 1: Error: ")
    assert problem in str(refused.value)


def test_a_file_outside_the_directory_is_not_read() -> None:
    generator = {"name": "c", "files": ["../values.json"]}
    tree = files(dev__kustomization_yaml={"configMapGenerator": [generator]}) | {"values.json": b"{}"}
    with pytest.raises(RenderError, match=r"security; file .* is not in or below"):
        build(tree, "dev")
