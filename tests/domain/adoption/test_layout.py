"""Environments and values files, by paths alone."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import strategies as st

from liftgate.domain.adoption.environment_names import environment_in
from liftgate.domain.adoption.guards import policy_for
from liftgate.domain.adoption.layout import find_layout
from liftgate.domain.adoption.path_templates import MARK, could_be_values
from liftgate.domain.config.configuration import read_configuration
from tests.domain.properties import holds
from tests.examples import text

SPELLINGS = {"dev": ("dev", "Development"), "staging": ("stg", "Staging"), "prod": ("prod", "Production", "live")}


@pytest.mark.parametrize("word", ["dev", "Production", "prd", "live", "prod-eu", "eu_prod", "dev2", "pre-prod", "QA"])
def test_a_word_that_names_an_environment(word: str) -> None:
    assert environment_in(word) is not None


@pytest.mark.parametrize("word", ["product", "devices", "latest", "base", "default", "", "living", "acceptable"])
def test_a_word_that_only_looks_like_one(word: str) -> None:
    assert environment_in(word) is None


@pytest.mark.parametrize(
    "path",
    [
        "package.json", "web/tsconfig.prod.json", ".github/dev/a.json", "node_modules/x/prod.json",
        "schemas/dev.schema.json", "dev.yaml", "liftgate.json", "a/testdata/prod.json",
    ],
)  # fmt: skip
def test_files_that_are_never_values(path: str) -> None:
    assert not could_be_values(path)


@pytest.mark.parametrize(
    ("spelled", "order"),
    [
        ("prod dev staging", ("dev", "staging", "prod")),
        ("Production Staging Development", ("development", "staging", "production")),
        ("live stage", ("stage", "live")),
        ("prd uat qa test int dev", ("dev", "int", "test", "qa", "uat", "prd")),
        ("prod-us dev prod-eu", ("dev", "prod-eu", "prod-us")),
    ],
)
def test_the_order_of_promotion(spelled: str, order: tuple[str, ...]) -> None:
    assert find_layout((f"config/{name}/app.json" for name in spelled.split()), "shop").order == order


@pytest.mark.parametrize(
    ("names", "policy"),
    [
        ("dev staging prod", {"prod": ["staging"]}),
        ("int qa live-eu live-us", {"live-eu": ["qa"], "live-us": ["qa"]}),
        ("dev preprod eu-prod us-prd", {"eu-prod": ["preprod"], "us-prd": ["preprod"]}),
        ("dev eu-pre-prod prod", {"prod": ["eu-pre-prod"]}),
        ("dev staging", {"staging": ["dev"]}),
    ],
)
def test_production_is_guarded_by_name_and_the_last_environment_always(
    names: str, policy: dict[str, list[str]]
) -> None:
    layout = find_layout((f"config/{name}/app.json" for name in names.split()), "shop")
    made = policy_for(layout.environments)
    assert {name: each.get("after") for name, each in made.items()} == policy
    assert all(each["approvals"] == {"needed": 1} for each in made.values())


def test_two_names_for_one_environment_are_told() -> None:
    layout = find_layout(["config/dev.json", "config/prod.json", "config/production.json"], "shop")
    assert layout.order == ("dev", "prod")
    assert layout.doubled == (("config/prod.json", "config/production.json"),)


def test_what_has_no_counterpart_is_told() -> None:
    layout = find_layout(["config/dev.json", "config/prod.json", "elsewhere/prod/other.json"], "shop")
    assert layout.alone == ("elsewhere/prod/other.json",)
    assert find_layout(["config/prod/app.json"], "shop").environments == ()


def test_regions_of_one_environment_are_no_pipeline() -> None:
    assert find_layout(["values-prod-eu.json", "values-prod-us.json", "uat-and-staging.json"], "shop").order == ()


TEMPLATES = [
    f"{MARK}.json", f"config/{MARK}.json", f"app.{MARK}.json", f"{MARK}/app.json", f"a/{MARK}/b/values.json",
    f"src/Shop/appsettings.{MARK}.json", f"envs/{MARK}/app.{MARK}.json", f"billing-{MARK}/values.json",
    f"overlays/{MARK}/search/config.json", f"My Files/{MARK} values.json".replace(" values", "-values"),
]  # fmt: skip


@holds(
    st.lists(st.sampled_from(TEMPLATES), min_size=1, max_size=4, unique=True),
    st.fixed_dictionaries({name: st.sampled_from(words) for name, words in SPELLINGS.items()}),
)
def test_what_is_found_leads_back_to_the_same_files(templates: list[str], spelled: dict[str, str]) -> None:
    """`liftgate.json` accepts it, and each application's path in each environment is the file that was there."""
    files = {template.replace(MARK, word) for template, word in product(templates, spelled.values())}
    layout = find_layout(files, "shop")
    written = {
        "environments": {each.name: each.path for each in layout.environments},
        "applications": {each.name: each.entry for each in layout.applications},
    }
    configuration = read_configuration(text(written))
    reached = {
        application.path(root, name)
        for application in configuration.applications.values()
        for name, root in configuration.environments.items()
    }
    assert reached == files
    assert {path for each in layout.applications for path in each.paths.values()} == files
