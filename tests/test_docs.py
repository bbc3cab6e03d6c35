"""The documents are true: their blocks are accepted, their paths and links lead somewhere, their commands exist."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liftgate import __version__
from liftgate.cli.parser import COMMANDS
from liftgate.domain.config import configuration
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.manifests import scaffold
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.runtime.project import project_root
from liftgate.steps.registry import check_names
from tools.checkout.commands import COMMANDS as DEV

OWN_STEP = "own-step.md"
"""Its block names a step that the page's own package brings; see test_own_step.py."""


def blocks() -> Iterator[tuple[str, str]]:
    for page in sorted((project_root() / "docs/how-to").glob("*.md")):
        yield from ((page.name, block) for block in re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL))


@pytest.mark.parametrize(("page", "block"), [each for each in blocks() if each[0] != OWN_STEP])
def test_a_block_is_accepted_as_it_is_written(page: str, block: str) -> None:
    made = scaffold.configuration(
        Scaffold(
            application="shop",
            repository="",
            environments=("dev", "staging", "prod"),
            people={"ada": "ada@example.com", "grace": ""},
        )
    )
    check_names(configuration.read_configuration(json.dumps(with_block(made, block)).encode()))


def with_block(made: dict[str, Any], block: str) -> dict[str, Any]:
    """Where the page says that it goes: at the top, as a stage, or as the settings of an application's steps."""
    written: dict[str, Any] = json.loads(block if block.lstrip().startswith("{") else f"{{{block}}}")
    if "steps" in written:
        return made | {"pipeline": {"stages": [written]}}
    if written.keys() & Configuration.model_fields.keys():
        return made | written
    return made | {"applications": {"shop": {"checks": written}}}


PAGES = [
    *sorted((project_root() / "docs").rglob("*.md")),
    *(project_root() / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
]
ROOTS = ("liftgate", "flows", "tasks", "worker", "tools", "deployments", "sandbox", "tests", "docs", "examples", ".ci")


BRANCHES = tuple(f"liftgate/{each}" for each in ("ledger", "pause", "stop", "preview", "promotions"))
EXAMPLE = project_root() / "examples/own-step"


def of_today(page: Path) -> bool:
    """What was decided or measured in its time stays as it was written."""
    return page.parent.name != "decisions" and page.name != "benchmarks.md"


@pytest.mark.parametrize("page", [each for each in PAGES if of_today(each)], ids=lambda page: page.name)
def test_paths_and_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    named = re.findall(rf"`((?:{'|'.join(map(re.escape, ROOTS))})/[\w./-]+)`", text)
    paths = [each for each in named if not each.startswith(BRANCHES)]
    links = [each for each in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in each]
    broken = [each for each in paths if not any((root / each).exists() for root in (project_root(), EXAMPLE))]
    broken += [each for each in links if not (page.parent / each).exists()]
    assert broken == []


@pytest.mark.parametrize("page", [each for each in PAGES if of_today(each)], ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    shown = "\n".join(map("".join, re.findall(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", page.read_text(), re.DOTALL)))
    commands = set(re.findall(r"^(?:\./dev )?liftgate ([a-z][a-z-]+)", shown, re.MULTILINE))
    assert commands - set(COMMANDS) == set()
    assert set(re.findall(r"^\./dev ([a-z][a-z-]+)", shown, re.MULTILINE)) - set(DEV) == set()


def test_every_package_of_the_domain_is_in_the_glossary() -> None:
    page = (project_root() / "docs/glossary.md").read_text()
    packages = [each.name for each in (project_root() / "liftgate/domain").iterdir() if (each / "__init__.py").exists()]
    assert [each for each in packages if f"`liftgate/domain/{each}/`" not in page] == []


def test_the_versions_of_both_distributions_are_one() -> None:
    projects = [
        tomllib.loads((project_root() / each).read_text()) for each in ("pyproject.toml", "sandbox/pyproject.toml")
    ]
    assert {each["project"]["version"] for each in projects} == {__version__}


def test_each_attack_of_the_threat_model_has_a_test() -> None:
    text = (project_root() / "docs/threat-model.md").read_text()
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    folder = project_root() / "tests/security"
    assert len(named) > 20
    assert [each for each in named if f"def {each[1]}(" not in (folder / each[0]).read_text()] == []
