"""A file that two environments reach is refused: a change in one would change the other without its gates."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from liftgate.errors import Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.services import planning
from tests.cli.conftest import Folder, Said, clone, liftgate
from tests.examples import SEED, text, values

__all__ = ["clone", "liftgate"]
Liftgate = Callable[..., Said]
ONE_APPLICATION: dict[str, Any] = {"applications": {"example-app": {}}}
SHARED: list[dict[str, Any]] = [
    {"environments": {"dev": "/configs/dev", "prod": "/configs/dev"}},
    {"environments": {"dev": "/configs/dev", "prod": "/configs/dev"}} | ONE_APPLICATION,
    {"environments": {"dev": "/configs", "prod": "/configs/prod"}},
    {
        "environments": {"dev": "/configs", "prod": "/configs/prod"},
        "applications": {"one": {"folder": "prod"}, "other": {}},
    },
    {
        "environments": {"dev": "/configs", "prod": "/configs"},
        "applications": {"one": {"values": "{environment}/values.json"}, "other": {"folder": "prod"}},
    },
    {
        "environments": {"dev": "/configs", "prod": "/configs"},
        "applications": {"one": {"values": {"dev": "dev/values.json", "prod": "dev/values.json"}}},
    },
]


@pytest.mark.parametrize("blocks", SHARED, ids=json.dumps)
def test_two_environments_with_one_file_are_refused(blocks: dict[str, Any], clone: Folder, liftgate: Liftgate) -> None:
    clone.put("liftgate.json", text({**SEED, **blocks}))
    clone.commit()
    for words in (["validate"], ["plan", "example-app", "--to", "dev"]):
        said = liftgate(*words, "--repo", str(clone.path))
        assert said.code == 5, said.out
        (line,) = [each for each in (said.out + said.err).splitlines() if "dev and prod share the file" in each]
        assert "liftgate.json" in line


@pytest.mark.parametrize("blocks", SHARED, ids=json.dumps)
def test_no_run_plans_such_a_change(blocks: dict[str, Any], clone: Folder) -> None:
    """A run reads the application and makes its plan in this way."""
    clone.put("liftgate.json", text({**SEED, **blocks}))
    tree = snapshot(clone.path, clone.commit())
    with pytest.raises(Misconfigured, match="share the file"):
        planning.promote(tree, tree.newest_release("example-app"), "dev", date(2026, 11, 24), ())


def test_files_beside_each_other_are_no_shared_files(clone: Folder, liftgate: Liftgate) -> None:
    for name in ("dev", "prod"):
        clone.put(f"configs/{name}.json", text(values(name)))
    written = {"environments": {"dev": "/configs", "prod": "/configs"}}
    clone.put(
        "liftgate.json", text({**SEED, **written, "applications": {"example-app": {"values": "{environment}.json"}}})
    )
    tree = snapshot(clone.path, clone.commit())
    assert liftgate("validate", "--repo", str(clone.path)).code == 0
    assert [tree.paths("example-app", name)[""] for name in tree.configuration.order] == [
        "configs/dev.json",
        "configs/prod.json",
    ]
    assert tree.source_paths("example-app") == {"": "configs/dev.json"}


def snapshot(folder: Path, commit: str) -> ConfigSnapshot:
    return ConfigSnapshot(Repository(folder), commit)
