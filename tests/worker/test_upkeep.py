"""The worker's short program for what grows on its machine: the mirror, and what killed processes left."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.tidy import LOOSE
from liftgate.runtime.project import python_path
from worker import tidying
from worker.upkeep import own_temporary

URL = "https://git.example.com/shop/config.git"
TWO_DAYS = 2 * 86400.0


def filled(state: Path) -> Mirror:
    """A mirror with many loose objects; its remote is never asked."""
    mirror = Mirror(state, URL, "main")
    mirror.prepare()
    blobs = "".join(f"blob\ndata {len(str(number))}\n{number}\n" for number in range(LOOSE))
    mirror.git("-c", f"fastimport.unpackLimit={LOOSE + 1}", "fast-import", "--quiet", stdin=blobs.encode())
    return mirror


def loose(mirror: Mirror) -> int:
    return int(mirror.git("count-objects").split()[0])


def test_the_mirror_becomes_one_pack_and_leftovers_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "tmp"
    for name in ("tmpleft/inside", "liftgate-sops-left", "tmpyoung", "prefect"):
        (own / name).mkdir(parents=True)
    past = time.time() - TWO_DAYS
    for name in ("tmpleft", "liftgate-sops-left", "prefect"):
        os.utime(own / name, (past, past))
    variables = {
        "LIFTGATE_REPOSITORY__URL": URL,
        "LIFTGATE_STATE": str(tmp_path),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "TMPDIR": str(own),
        "PYTHONPATH": python_path(),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    mirror = filled(tmp_path)
    assert loose(mirror) == LOOSE
    assert asyncio.run(tidying.once(is_busy=True)) == 0
    assert loose(mirror) == LOOSE, "runs need the mirror, and it is not urgent"
    assert asyncio.run(tidying.once(is_busy=False)) == 0
    assert loose(mirror) == 0
    assert sorted(path.name for path in own.iterdir()) == ["prefect", "tmpyoung"]


def test_the_machines_own_folder_for_temporary_files_is_left_alone() -> None:
    assert own_temporary("/tmp", "/var/lib/liftgate/up/prefect") is None  # noqa: S108
    assert own_temporary("", "/var/lib/liftgate/up/prefect") is None
    assert own_temporary("/var/lib/liftgate/up/tmp", "/var/lib/liftgate/up/prefect") == Path("/var/lib/liftgate/up/tmp")
