"""`liftgate alert-rules`: a rule file from a clone, and the one that is shipped."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import yaml

from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder, Said

Liftgate = Callable[..., Said]


def test_it_prints_a_rule_file_from_the_configuration(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("alert-rules", "--repo", str(clone.path))
    (group,) = yaml.safe_load(said.out)["groups"]
    assert (said.code, group["name"]) == (0, "liftgate")
    assert {rule["alert"] for rule in group["rules"]} > {"LiftgateSyncFailed", "LiftgateDriftDetected"}


def test_the_shipped_file_is_what_it_prints_for_the_seed(clone: Folder, liftgate: Liftgate) -> None:
    """After a change: liftgate alert-rules --repo REPOSITORY > deployments/prometheus/rules.yaml."""
    shipped: Path = project_root() / "deployments" / "prometheus" / "rules.yaml"
    assert shipped.read_text() == liftgate("alert-rules", "--repo", str(clone.path)).out


def test_the_address_of_the_runbook_is_the_users(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("alert-rules", "--repo", str(clone.path), "--runbook", "https://example.com/runbook", "--json").data
    (group,) = said["groups"]
    assert group["rules"][0]["annotations"]["runbook_url"] == "https://example.com/runbook#liftgatesyncfailed"


def test_the_runbook_has_a_section_for_each_alert_and_no_other(clone: Folder, liftgate: Liftgate) -> None:
    """The seed's block has every alert that there is."""
    (group,) = liftgate("alert-rules", "--repo", str(clone.path), "--json").data["groups"]
    _, *sections = re.split(r"^## ", (project_root() / "docs" / "runbook.md").read_text(), flags=re.MULTILINE)
    assert [section.splitlines()[0] for section in sections] == [rule["alert"] for rule in group["rules"]]
    for section in sections:
        assert re.findall(r"^\*\*(.+?)\.\*\*", section, re.MULTILINE) == [
            "What it means", "What Liftgate does by itself", "What you look at", "What you do",
        ]  # fmt: skip


def test_as_json_it_is_the_same(clone: Folder, liftgate: Liftgate) -> None:
    printed = yaml.safe_load(liftgate("alert-rules", "--repo", str(clone.path)).out)
    answer = liftgate("alert-rules", "--repo", str(clone.path), "--json").data
    assert answer == {"ok": True, **printed}
