"""Repositories of many shapes: adopted, validated and planned without a change by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.adoption.rule_patterns import LIMIT
from tests import layouts
from tests.cli.conftest import Said

Liftgate = Callable[..., Said]


def some() -> list[Any]:
    """Each third in the usual run; all of them are `long`."""
    return [
        pytest.param(path, id=path.stem, marks=() if number % 3 == 0 else pytest.mark.long)
        for number, path in enumerate(layouts.cases())
    ]


@pytest.mark.parametrize("path", some())
def test_a_layout_is_adopted_and_planned(path: Path, tmp_path: Path, gitconfig: Path, liftgate: Liftgate) -> None:
    case = layouts.read(path)
    layouts.make(case, tmp_path / "shop-config")

    def run(*words: str) -> tuple[int, Any]:
        said = liftgate(*words)
        return said.code, json.loads(said.out)

    found = layouts.observed(case, tmp_path / "shop-config", run)
    assert found == case["expected"]
    assert len(found.get("rules", ())) <= LIMIT


def test_there_are_many_layouts() -> None:
    assert len(layouts.cases()) >= 40
