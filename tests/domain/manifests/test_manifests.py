"""What Argo CD is given: names, folders, rights, and what is refused rather than written wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.manifests.application import application
from liftgate.domain.manifests.application_set import application_set
from liftgate.domain.manifests.manifests import Form, manifests
from liftgate.domain.manifests.place import Place, Target
from liftgate.domain.manifests.project import policies, project, rbac
from liftgate.errors import Refused
from tests.domain.manifest_cases import PLACES, TARGET, place


def moved(**parts: Any) -> Place:
    return place("dev").copy_with(**parts)


@pytest.mark.parametrize("form", ["applications", "applicationset"])
def test_the_token_may_look_sync_and_read_logs_of_its_projects_applications_only(form: Form) -> None:
    spec = project(PLACES, TARGET, is_set=form == "applicationset")["spec"]
    assert spec["sourceRepos"] == [TARGET.repository]
    assert [(role["name"], role["policies"]) for role in spec["roles"]] == [("promoter", policies("shop"))]
    assert policies("shop") == [
        "p, proj:shop:promoter, applications, get, shop/*, allow",
        "p, proj:shop:promoter, applications, sync, shop/*, allow",
        "p, proj:shop:promoter, logs, get, shop/*, allow",
    ]
    assert [line.split(", ", 2)[2] for line in rbac("shop")[:-1]] == [
        line.split(", ", 2)[2] for line in policies("shop")
    ]


def test_the_project_allows_the_applications_namespaces_and_no_other() -> None:
    server = "https://kubernetes.default.svc"
    each = [{"server": server, "namespace": "shop-dev"}, {"server": server, "namespace": "shop-prod"}]
    assert project(PLACES, TARGET, is_set=False)["spec"]["destinations"] == each
    assert project(PLACES, TARGET, is_set=True)["spec"]["destinations"] == [{"server": server, "namespace": "shop-*"}]


def test_an_application_outside_argo_cds_namespace_is_allowed_to_be_there() -> None:
    elsewhere = moved(pattern="team/{environment}-shop")
    metadata = application(elsewhere, TARGET)["metadata"]
    assert metadata == {"name": "dev-shop", "namespace": "team"}
    assert project([elsewhere], TARGET, is_set=False)["spec"]["sourceNamespaces"] == ["team"]


def test_a_cluster_is_named_by_address_or_name_for_one_environment_or_all() -> None:
    target = TARGET.copy_with(servers={"": "shared", "prod": "https://prod.example.com"})
    found = [application(each, target)["spec"]["destination"] for each in PLACES]
    assert [next(iter(each.items())) for each in found] == [("name", "shared"), ("server", "https://prod.example.com")]


def test_helm_reads_the_values_beside_the_chart() -> None:
    source = application(place("dev", chart="charts/shop"), TARGET)["spec"]["source"]
    assert source["path"] == "charts/shop"
    assert source["helm"]["valueFiles"] == ["../../configs/dev/values.json"]


@pytest.mark.parametrize(
    ("root", "values", "directory", "segment"),
    [
        ("configs/dev", "configs/dev/values.json", "configs/*", 1),
        ("configs/dev", "configs/dev/shop/values.json", "configs/*/shop", 1),
        ("dev", "dev/values.json", "*", 0),
        ("a/b/dev", "a/b/dev/values.json", "a/b/*", 2),
    ],
)
def test_a_set_finds_an_environments_name_in_its_folder(root: str, values: str, directory: str, segment: int) -> None:
    found = application_set([moved(root=root, files=(values,))], TARGET)["spec"]
    base = directory.replace("*", "base")
    directories = found["generators"][0]["git"]["directories"]
    assert directories == [{"path": directory}, {"path": base, "exclude": True}]
    assert found["template"]["metadata"]["name"] == f"shop-{{{{index .path.segments {segment}}}}}"
    assert found["template"]["spec"]["source"]["path"] == "{{.path.path}}"


def test_an_environments_name_elsewhere_in_the_pattern_is_left_alone() -> None:
    found = application_set([moved(pattern="{environment}-device")], TARGET)
    assert found["spec"]["template"]["metadata"]["name"] == "{{index .path.segments 1}}-device"


def test_each_application_has_a_set_of_its_own_beside_the_one_project() -> None:
    other = place("dev").copy_with(application="project")
    found = manifests([*PLACES, other], TARGET, "applicationset")
    assert {path: each["kind"] for path, each in found.items()} == {
        "argocd/project.yaml": "AppProject",
        "argocd/shop-set.yaml": "ApplicationSet",
        "argocd/project-set.yaml": "ApplicationSet",
    }


@pytest.mark.parametrize(
    ("places", "changes", "form", "words"),
    [
        ([moved(root="deploy/development")], {}, "applicationset", "use --form applications"),
        (PLACES, {"servers": {"prod": "prod"}}, "applicationset", "use --form applications"),
        ([moved(pattern="shop")], {}, "applicationset", "one name for all environments"),
        (
            [each.copy_with(pattern="shop") for each in PLACES],
            {},
            "applications",
            "the name shop is used more than once",
        ),
        ([moved(application="Shop")], {}, "applications", '"Shop" is no name'),
        ([moved(pattern="shop_{environment}")], {}, "applications", '"shop_dev" is no name for an Application'),
        (PLACES, {"namespace": "{environment}-" + "x" * 63}, "applications", "is no name for a namespace"),
        (
            PLACES,
            {"repository": "https://ada:hunter2@git.example.com/c.git"},
            "applications",
            "of https://git.example.com/c",
        ),
        (PLACES, {"namespace": "shop"}, "applications", "would all be in the namespace shop"),
        (PLACES, {"project": "a\nkind: Secret"}, "applications", "is no name"),
    ],
)
def test_what_kubernetes_or_argo_cd_would_not_take_is_refused(
    places: list[Place], changes: dict[str, Any], form: Form, words: str
) -> None:
    target = Target.model_validate(TARGET.model_dump() | changes)
    with pytest.raises(Refused, match=words):
        manifests(places, target, form)
