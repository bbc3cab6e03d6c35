"""A product is one line: its name is known in the settings and in `people`, and stands in no other file of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from liftgate.domain.config import configuration
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.domain.manifests.scaffold import configuration as scaffolded
from liftgate.errors import Misconfigured
from liftgate.integrations import products
from liftgate.integrations.chat import Chat
from liftgate.integrations.chat.console import Console
from liftgate.integrations.chat.slack import Slack
from liftgate.integrations.deployer import Deployer, Overview
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.argocd_manifests import ArgoCDManifests
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.live import Live
from liftgate.integrations.deployer.rendering import Renderer
from liftgate.integrations.metrics import Metrics
from liftgate.integrations.metrics.prometheus import Prometheus
from liftgate.integrations.products import FORGES, Product, forge_of
from liftgate.integrations.secrets import Secrets
from liftgate.integrations.secrets.sops import Sops
from liftgate.product_arguments import GIVEN
from liftgate.runtime.project import project_root
from liftgate.settings import from_variables
from liftgate.steps.registry import check_names
from liftgate.wiring import Integrations

ROLES: dict[str, Mapping[str, Product[Any]]] = {
    name: table for name, table in vars(products).items() if name.isupper() and isinstance(table, dict)
}
ARE_CHATS: tuple[type[Chat], ...] = (Slack, Console)
ARE_DEPLOYERS: tuple[type[Deployer]] = (ArgoCD,)
ARE_LIVE: tuple[type[Live]] = (ArgoCDReads,)
ARE_RENDERERS: tuple[type[Renderer]] = (ArgoCDManifests,)
ARE_OVERVIEWS: tuple[type[Overview]] = (ArgoCDList,)
ARE_METRICS: tuple[type[Metrics]] = (Prometheus,)
ARE_SECRETS: tuple[type[Secrets]] = (Sops,)
"""The type checker reads here, and for forges in their contract, that each is one."""
MAY_NAME_A_FORGE = {
    "liftgate/integrations/products.py": "its line",
    "liftgate/demo/world.py": "the sandbox speaks as this product",
    "liftgate/cli/check.py": "what a CI system reads",
    "liftgate/cli/ci_files.py": "where a CI system finds its file",
    "liftgate/domain/hand_changes/reports.py": "what a CI system reads",
    "liftgate/domain/protection/code_owners.py": "where CODEOWNERS may be",
    "liftgate/domain/secrets/secret_forms.py": "the forms of tokens, whoever made them",
}


def people(**accounts: str) -> Configuration:
    made = scaffolded(Scaffold(application="shop", repository="", environments=("dev", "prod")))
    return configuration.read_configuration(json.dumps(made | {"people": {"ada": accounts}}).encode())


def test_a_forge_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    with pytest.raises(Misconfigured) as told:
        Integrations(from_variables({"LIFTGATE_FORGE__KIND": "githib"}))
    assert str(told.value) == 'LIFTGATE_FORGE__KIND: there is no product "githib"; did you mean "github"?'


def test_an_account_at_no_product_is_told_with_the_nearest_one() -> None:
    with pytest.raises(Misconfigured) as told:
        check_names(people(slack="U01ADA", gihub="ada"))
    assert str(told.value) == 'liftgate.json: people.ada.gihub: unknown key; did you mean "github"?'


def test_an_account_at_a_registered_forge_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match=r"people\.ada\.small"):
        check_names(people(small="ada"))
    monkeypatch.setitem(FORGES, "small", Product("tests.integrations.forge.small:Small"))
    check_names(people(small="ada", github="ada", slack="U01ADA", email="ada@example.com"))


def test_an_account_that_is_no_text_has_its_place() -> None:
    with pytest.raises(Misconfigured, match=r"people\.ada\.github: must be text in quotes"):
        people(github=7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/shop/config.git", "github"),
        ("git@github.com:shop/config.git", "github"),
        ("ssh://git@ssh.github.com:443/shop/config.git", "github"),
        ("https://ada:hunter2@github.com/shop/config.git", "github"),
        ("https://acme.ghe.com/shop/config.git", "github"),
        ("https://github.com.example.com/shop/config.git", "git"),
        ("https://github.com@example.com/shop/config.git", "git"),
        ("git@example.com:github.com/config.git", "git"),
        ("file:///srv/github.com/config.git", "git"),
        ("github.com/shop/config.git", "git"),
        ("https://notgithub.com/shop/config.git", "git"),
        ("https://example.com/github.com/config.git", "git"),
        ("/srv/config.git", "git"),
    ],
)
def test_an_address_tells_its_forge_by_the_host_alone(url: str, kind: str) -> None:
    assert forge_of(url) == kind


@pytest.mark.parametrize("role", ROLES)
def test_every_line_leads_to_a_class_and_its_settings(role: str) -> None:
    """A forge has none of its own: every forge is given the same."""
    for name, product in ROLES[role].items():
        assert isinstance(product.kind, type)
        assert role == "FORGES" or name in GIVEN


def test_no_other_file_names_a_forge() -> None:
    root, names = project_root(), "|".join(FORGES.keys() - {"git"})
    code = [file for folder in ("liftgate", "tasks", "flows") for file in (root / folder).rglob("*.py")]
    ours = [file for file in code if "sandbox" not in file.parts]
    named = {file.relative_to(root).as_posix() for file in ours if re.search(names, file.read_text(), re.IGNORECASE)}
    own = {name for name in named if re.fullmatch(rf"liftgate/integrations/forge/({names})(_\w+)?\.py", name)}
    assert named - own == set(MAY_NAME_A_FORGE)
