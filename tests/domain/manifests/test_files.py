"""What a repository lacks so that Argo CD can render it, and what it has already."""

from __future__ import annotations

import pytest
import yaml

from liftgate.domain.manifests.files import chart_of, missing
from liftgate.domain.manifests.place import Place
from liftgate.scaffold import templates
from tests.domain.manifest_cases import PLACES, place

TEXTS = templates()
BASE = {"manifests/kustomization.yaml", "manifests/deployment.yaml", "manifests/service.yaml"}
KUSTOMIZATIONS = {f"configs/{name}/kustomization.yaml" for name in ("dev", "prod")}


def added(*have: str, places: tuple[Place, ...] = PLACES) -> set[str]:
    return set(missing(places, have, TEXTS))


def resources(*have: str) -> list[str]:
    text = missing(PLACES, have, TEXTS)["configs/dev/kustomization.yaml"]
    found: list[str] = yaml.safe_load(text)["resources"]
    return found


def test_values_alone_need_kustomizations_and_something_that_runs() -> None:
    assert added() == BASE | KUSTOMIZATIONS
    assert resources() == ["../../manifests"]


def test_what_is_there_is_not_made_again() -> None:
    assert added(*BASE, "configs/dev/kustomization.yml") == {"configs/prod/kustomization.yaml"}
    assert added(*KUSTOMIZATIONS) == set()


@pytest.mark.parametrize("base", ["base", "manifests", "base/shop", "manifests/shop"])
def test_a_base_that_is_there_is_built_upon(base: str) -> None:
    assert resources(f"{base}/kustomization.yaml") == [f"../../{base}"]


def test_many_applications_have_what_runs_each_for_itself() -> None:
    def of(name: str) -> Place:
        return place("dev").copy_with(application=name, files=(f"configs/dev/{name}/values.json",))

    found = missing((of("shop"), of("till")), (), TEXTS)
    assert "manifests/till/deployment.yaml" in found
    assert yaml.safe_load(found["configs/dev/till/kustomization.yaml"])["resources"] == ["../../../manifests/till"]


def test_a_values_file_of_another_name_is_the_one_that_is_deployed() -> None:
    named = place("dev").copy_with(files=("configs/dev/settings.json",))
    text = missing((named,), (), TEXTS)["configs/dev/kustomization.yaml"]
    assert yaml.safe_load(text)["configMapGenerator"][0]["files"] == ["settings.json"]


def test_a_chart_is_made_where_there_is_none_and_no_kustomization() -> None:
    charted = tuple(place(name, chart="chart") for name in ("dev", "prod"))
    made = missing(charted, (), TEXTS)
    assert set(made) == {f"chart/{name}" for name in (
        "Chart.yaml", "templates/configmap.yaml", "templates/deployment.yaml", "templates/service.yaml",
    )}  # fmt: skip
    assert "checksum/config: {{ toJson .Values | sha256sum }}" in made["chart/templates/deployment.yaml"]
    assert missing(charted, ("chart/Chart.yaml",), TEXTS) == {}


@pytest.mark.parametrize(
    ("have", "alone", "folder"),
    [
        ([], True, "chart"),
        ([], False, "chart/shop"),
        (["deploy/helm/Chart.yaml"], True, "deploy/helm"),
        (["chart/Chart.yaml"], False, "chart"),
        (["charts/shop/Chart.yaml", "charts/till/Chart.yaml"], False, "charts/shop"),
    ],
)
def test_the_applications_own_chart_comes_first(have: list[str], alone: bool, folder: str) -> None:
    assert chart_of("shop", have, alone=alone) == folder
