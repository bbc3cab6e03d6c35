"""The reference is what the code says: run python -m liftgate.cli.reference after a change."""

from __future__ import annotations

import pytest

from liftgate.cli import reference
from liftgate.cli.parser import COMMANDS
from liftgate.settings import Settings


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    assert (reference.FOLDER / name).read_text() == reference.PAGES[name]()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section(name: str) -> None:
    assert f"## liftgate {name}\n" in reference.commands()


def test_every_setting_is_named_and_explained() -> None:
    rows = [line.split("|") for line in reference.setting_names().splitlines() if line.startswith("| `LIFTGATE_")]
    assert len({row[1] for row in rows}) == len(rows) > len(Settings.model_fields)
    assert [row[1] for row in rows if not row[3].strip()] == []


def test_a_list_is_shown_as_it_is_by_default() -> None:
    assert '| `LIFTGATE_SERVER__TRUSTED_PROXIES` | `["127.0.0.1"]` |' in reference.setting_names()
