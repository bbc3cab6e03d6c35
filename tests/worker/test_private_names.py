"""A canary for Prefect's next version: the worker uses only the names that are listed, and they are still there."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from prefect.flow_engine import run_flow
from prefect.workers.base import BaseWorker

import worker
from worker.pool import LiftgateWorker
from worker.private_names import NAMES, TRIED, UNDOCUMENTED

OF_PYTHON = {"os._exit", "threading._shutdown", "atexit._run_exitfuncs", "anyio._backends", "rich._emoji_codes"}
PRIVATE = re.compile(r"(?:[a-z]+\.)*(?:[A-Za-z]+\.)?_[a-z]\w*(?:\.\w+)*")


def test_this_version_of_prefect_was_tried() -> None:
    assert version("prefect") in TRIED


@pytest.mark.parametrize(("where", "names"), [*NAMES.items(), *UNDOCUMENTED.items()])
def test_every_name_is_still_there(where: str, names: tuple[str, ...]) -> None:
    try:
        found = importlib.import_module(where)
    except ModuleNotFoundError:
        module, _, name = where.rpartition(".")
        found = getattr(importlib.import_module(module), name)
    assert [name for name in names if not hasattr(found, name)] == []


def test_the_engine_still_returns_a_state_without_loading_its_result() -> None:
    """What keeps a stored result of Prefect's from being unpickled."""
    assert "state" in str(inspect.signature(run_flow).parameters["return_type"].annotation)


def test_the_worker_uses_no_other_private_names() -> None:
    listed = {name for names in NAMES.values() for name in names} | {"_internal"}
    assert set(used()) - listed == set()


def used() -> Iterator[str]:
    """Private names of others in the worker's source, as attributes or in texts."""
    for file in sorted(Path(worker.__file__).parent.glob("*.py")):
        if file.name == "private_names.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and is_private(node.attr) and not is_own(node.value):
                if f"{ast.unparse(node.value)}.{node.attr}" not in OF_PYTHON:
                    yield node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and is_of_others(node.value):
                yield from (part for part in node.value.split(".") if is_private(part))


def is_of_others(text: str) -> bool:
    return bool(PRIVATE.fullmatch(text)) and not text.startswith(tuple(OF_PYTHON))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_own(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def test_nothing_of_the_workers_hides_a_private_name_of_prefects_base() -> None:
    """Python would neither say so nor fail."""
    assert {name for name in names_in(LiftgateWorker) & names_in(BaseWorker) if is_private(name)} == set()


def names_in(kind: type) -> set[str]:
    """The methods of a class, and the attributes that it gives to itself."""
    nodes = list(ast.walk(ast.parse(inspect.getsource(kind))))
    methods = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return methods | {node.attr for node in nodes if isinstance(node, ast.Attribute) and is_own(node.value)}
