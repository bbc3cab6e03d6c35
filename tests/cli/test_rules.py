"""`liftgate rules`: a rule file from a clone, and the one that is shipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder, Said

Liftgate = Callable[..., Said]


def test_it_prints_a_rule_file_from_the_configuration(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("rules", "--repo", str(clone.path))
    (group,) = yaml.safe_load(said.out)["groups"]
    assert (said.code, group["name"]) == (0, "liftgate")
    assert {rule["alert"] for rule in group["rules"]} > {"LiftgateSyncFailed", "LiftgateDriftDetected"}


def test_the_shipped_file_is_what_it_prints_for_the_seed(clone: Folder, liftgate: Liftgate) -> None:
    """After a change: liftgate rules --repo REPOSITORY > deployments/prometheus/rules.yaml."""
    shipped: Path = project_root() / "deployments" / "prometheus" / "rules.yaml"
    assert shipped.read_text() == liftgate("rules", "--repo", str(clone.path)).out


def test_as_json_it_is_the_same(clone: Folder, liftgate: Liftgate) -> None:
    printed = yaml.safe_load(liftgate("rules", "--repo", str(clone.path)).out)
    answer = liftgate("rules", "--repo", str(clone.path), "--json").data
    assert answer == {"ok": True, **printed}
