"""A checkout's programs never speak to anybody's real servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.settings import Settings

from liftgate.runtime.environment import scrubbed
from liftgate.runtime.prefect_server import UNUSED, Access, PrefectServer, client_environment

HOSTILE = {
    "PREFECT_API_URL": "https://prefect.example.com/api",
    "PREFECT_API_KEY": "k",
    "LIFTGATE_SLACK__BOT_TOKEN": "t",
    "ARGOCD_AUTH_TOKEN": "t",
    "GIT_DIR": "/elsewhere/.git",
    "GIT_CONFIG_COUNT": "1",
    "PYTHONPATH": "/elsewhere",
    "HTTPS_PROXY": "http://proxy.example.com:3128",
    "http_proxy": "http://proxy.example.com:3128",
    "NO_PROXY": "intranet.example.com",
    "HOME": "/home/ada",
}


@pytest.mark.parametrize(
    "name",
    [
        "PREFECT_API_URL",
        "PREFECT_API_KEY",
        "LIFTGATE_SLACK__BOT_TOKEN",
        "ARGOCD_AUTH_TOKEN",
        "GIT_DIR",
        "PYTHONPATH",
    ],
)
def test_foreign_settings_are_gone(name: str) -> None:
    assert name not in scrubbed(HOSTILE)


def test_a_setting_that_is_asked_for_stays() -> None:
    assert scrubbed(HOSTILE, keep=["PREFECT_API_KEY"])["PREFECT_API_KEY"] == "k"


def test_git_reads_no_configuration_but_the_repositorys() -> None:
    assert scrubbed(HOSTILE)["GIT_CONFIG_GLOBAL"] == scrubbed(HOSTILE)["GIT_CONFIG_SYSTEM"] == "/dev/null"


def test_the_proxy_stays_for_elsewhere_and_not_for_this_machine() -> None:
    after = scrubbed(HOSTILE)
    assert after["HTTPS_PROXY"] == HOSTILE["HTTPS_PROXY"]
    assert after["no_proxy"] == after["NO_PROXY"] == "intranet.example.com,127.0.0.1,localhost,::1"


def test_clients_of_our_server_ignore_an_inherited_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PREFECT_PROFILE", "cloud")
    variables = client_environment(tmp_path, Access("http://127.0.0.1:1/api"))
    assert variables["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert variables["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert not {"PREFECT_API_KEY", "PREFECT_PROFILE"} & variables.keys()


def test_sqlite_is_used_only_with_a_warning(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, 1, "sqlite")
    assert server.environment()["PREFECT_SERVER_DATABASE_CONNECTION_URL"].startswith("sqlite+aiosqlite:///")
    assert "SQLite" in server.warning


def test_a_database_of_the_teams_own_is_taken_as_it_is(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, 1, "postgresql+asyncpg://db.example.com/prefect")
    assert server.environment()["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("db.example.com/prefect")
    assert not server.warning


def test_services_of_prefect_that_nothing_uses_are_off_until_a_variable_switches_them_on(tmp_path: Path) -> None:
    triggers = "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED"
    assert UNUSED.items() <= PrefectServer(tmp_path, 4200, "sqlite", environ={}).environment().items()
    assert PrefectServer(tmp_path, 4200, "sqlite", environ={triggers: "true"}).environment()[triggers] == "true"


def test_prefect_knows_the_settings_of_our_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect ignores a variable that it does not know."""
    for name, value in UNUSED.items():
        monkeypatch.setenv(name, value)
    server = Settings().server
    assert not server.register_blocks_on_start
    services = server.services
    off = (services.triggers, services.event_persister, services.cleanup_reconciler)
    assert not any(each.enabled for each in off)
    assert services.late_runs.loop_seconds == 15
