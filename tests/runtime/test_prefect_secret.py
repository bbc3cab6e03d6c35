"""The secret of a Prefect server: made once, its owner's alone, and never replaced."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liftgate.errors import Misconfigured
from liftgate.runtime import prefect_secret
from liftgate.runtime.prefect_server import Access, PrefectServer, client_environment
from liftgate.runtime.worker import Worker

ASKED = "PREFECT_SERVER_API_AUTH_STRING"


def test_a_second_start_finds_the_first_ones_secret(tmp_path: Path) -> None:
    first = PrefectServer(tmp_path, 1, "sqlite").environment()[ASKED]
    assert first.partition(":")[0] == prefect_secret.USER
    assert PrefectServer(tmp_path, 1, "sqlite").environment()[ASKED] == first
    assert PrefectServer(tmp_path / "another", 1, "sqlite").environment()[ASKED] != first


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    prefect_secret.made(tmp_path)
    file = prefect_secret.path(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    prefect_secret.made(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_those_who_start_at_once_have_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(prefect_secret.made, [tmp_path] * 16))) == 1


@pytest.mark.parametrize("text", ["", "\n", "password", "liftgate:", ":password"])
def test_a_file_without_a_secret_is_named_and_never_leaves_the_server_open(text: str, tmp_path: Path) -> None:
    prefect_secret.path(tmp_path).write_text(text)
    with pytest.raises(Misconfigured, match="prefect-secret has no user:password"):
        PrefectServer(tmp_path, 1, "sqlite").environment()


def test_where_it_is_needed_names_the_file_and_not_the_secret(tmp_path: Path) -> None:
    secret = prefect_secret.made(tmp_path)
    said = prefect_secret.where_needed(tmp_path)
    assert str(prefect_secret.path(tmp_path)) in said
    assert secret.partition(":")[2] not in said
    assert secret not in repr(PrefectServer(tmp_path, 1, "sqlite").access)


def test_no_argument_holds_it_and_only_the_variables_of_who_asks_do(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, 1, "sqlite")
    programs = [*server.programs(), *Worker(tmp_path, server.access, "pool").programs()]
    for program in programs:
        assert not [word for word in program.command if server.access.secret in word]
        assert [name for name, value in program.environment.items() if value == server.access.secret] == [
            {"prefect-server": ASKED, "worker": "PREFECT_API_AUTH_STRING"}[program.name]
        ]


def test_anothers_secret_is_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ASKED, "PREFECT_API_AUTH_STRING"):
        monkeypatch.setenv(name, "ours:elsewhere")
    assert "ours:elsewhere" not in client_environment(tmp_path, Access("http://127.0.0.1:1/api")).values()
    assert "ours:elsewhere" not in PrefectServer(tmp_path, 1, "sqlite").environment().values()
