"""The embedded Postgres: real, private, and nobody's folder is opened for it."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from liftgate.errors import Misconfigured
from liftgate.runtime import postgres, record
from liftgate.runtime.postgres import EmbeddedPostgres
from liftgate.runtime.supervisor import Supervisor


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder every user may pass, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="liftgate-pg-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def answer(database: EmbeddedPostgres, query: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(ask())


def modes(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_it_keeps_what_was_written_over_a_restart_leaves_no_child_and_sees_no_settings_and_no_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIFTGATE_WORKER__SIGNING_KEY", "PREFECT_API_KEY", "VAULT_TOKEN", "PGPASSWORD"):
        monkeypatch.setenv(name, "a secret")
    database = EmbeddedPostgres(folder)
    with Supervisor(folder) as supervisor:
        supervisor.start(database)
        answer(database, "create table t as select 42 as n")
        pid = supervisor.pid("postgres")
        seen = Path(f"/proc/{pid}/environ").read_bytes()
        assert stat.S_IMODE(database.data.stat().st_mode) == 0o700, "only its owner may read the data"
    assert record.born(pid) == ""
    assert b"PATH=" in seen
    assert b"a secret" not in seen
    with Supervisor(folder) as supervisor:
        supervisor.start(database)
        assert answer(database, "select n from t") == 42


def test_a_folder_of_another_user_is_not_trusted(folder: Path) -> None:
    """The machine's own: neither a person's nor that of the user who runs it for root."""
    database = EmbeddedPostgres(folder)
    database.data.symlink_to("/")
    with Supervisor(folder) as supervisor, pytest.raises(Misconfigured, match="belongs to another user"):
        supervisor.start(database)


def test_a_private_folder_stays_private(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ROOTS_OWN", folder / "own")
    tmp_path.chmod(0o700)
    before = modes(tmp_path)
    database = EmbeddedPostgres(tmp_path)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(database)
        assert answer(database, "select 1") == 1
    assert modes(tmp_path) == before
    assert database.data.is_relative_to(folder if os.geteuid() == 0 else tmp_path)


def test_a_private_environment_stays_private(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ROOTS_OWN", folder / "own")
    shipped = Path(str(find_spec(postgres.PACKAGE).origin)).parent  # type: ignore[union-attr]
    for part in (shipped, shipped.with_name(f"{shipped.name}.libs")):
        shutil.copytree(part, tmp_path / "packages" / part.name, symlinks=True)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    private = tmp_path / "packages" / shipped.name / "pginstall"
    before = modes(private)
    database = EmbeddedPostgres(tmp_path)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(database)
        assert answer(database, "select 1") == 1
        program = Path(f"/proc/{supervisor.pid('postgres')}/exe").resolve()
    assert modes(private) == before
    assert program.is_relative_to(folder if os.geteuid() == 0 else tmp_path)


def test_nothing_of_its_folder_is_left_after_it_is_wiped(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ROOTS_OWN", folder / "own")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    tmp_path.chmod(0o700)
    deep = tmp_path / ("x" * 90)
    with Supervisor(deep) as supervisor:
        supervisor.start(EmbeddedPostgres(deep))
        answer(EmbeddedPostgres(deep), "create table t as select 42 as n")
    postgres.wipe(deep)
    assert not [path for place in (deep, folder) for path in place.rglob("postgres")]
    with Supervisor(deep) as supervisor:
        supervisor.start(EmbeddedPostgres(deep))
        assert answer(EmbeddedPostgres(deep), "select to_regclass('t')") is None


def test_a_long_path_has_its_socket_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    deep = folder / ("x" * 90)
    database = EmbeddedPostgres(deep)
    with Supervisor(deep) as supervisor:
        supervisor.start(database)
        assert answer(database, "select 1") == 1
