"""The blocks of the how-to pages can be pasted into `liftgate.json` as they stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from liftgate.domain import configuration, scaffold
from liftgate.domain.configuration import Configuration
from liftgate.domain.scaffold import Scaffold
from liftgate.runtime.project import project_root
from liftgate.steps.registry import check_names

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
    check_names(configuration.read(json.dumps(with_block(made, block)).encode()))


def with_block(made: dict[str, Any], block: str) -> dict[str, Any]:
    """Where the page says that it goes: at the top, as a stage, or as the settings of an application's steps."""
    written: dict[str, Any] = json.loads(block if block.lstrip().startswith("{") else f"{{{block}}}")
    if "steps" in written:
        return made | {"pipeline": {"stages": [written]}}
    if written.keys() & Configuration.model_fields.keys():
        return made | written
    return made | {"applications": {"shop": {"checks": written}}}
