"""What `liftgate up` needs on each of several hosts, and what it says where something is missing."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TypeGuard

import prefect_redis
import pytest
from prefect.settings.base import PrefectBaseSettings
from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
from prefect_redis.client import RedisMessagingSettings

from liftgate.errors import Misconfigured
from liftgate.runtime.several_hosts import shared_variables
from liftgate.settings import from_variables

REDIS = "redis://liftgate:hunter2@redis.example.com/0"
SHARED = {
    "LIFTGATE_PREFECT__REDIS": REDIS,
    "LIFTGATE_PREFECT__DATABASE": "postgresql+asyncpg://postgres.example.com/prefect",
    "LIFTGATE_SERVER__DATABASE": "postgresql://postgres.example.com/liftgate",
}


def test_one_setting_says_where_the_events_of_all_prefect_servers_go() -> None:
    made = shared_variables(from_variables(SHARED))
    assert made["PREFECT_SERVER_DOCKET_URL"] == REDIS
    for each in (RedisMessagingSettings, RedisWorkerCleanupQueueSettings):
        assert made[f"{each.model_config['env_prefix']}URL"] == REDIS, "otherwise it looks on its own host"
    assert shared_variables(from_variables({})) == {}


def test_prefect_has_no_other_settings_with_an_address_of_redis() -> None:
    modules = [import_module(f"prefect_redis.{found.name}") for found in iter_modules(prefect_redis.__path__)]
    found = {each for module in modules for each in vars(module).values() if is_settings(each)}
    assert {each for each in found if "url" in each.model_fields} == {
        RedisMessagingSettings,
        RedisWorkerCleanupQueueSettings,
    }


def is_settings(value: object) -> TypeGuard[type[PrefectBaseSettings]]:
    return isinstance(value, type) and issubclass(value, PrefectBaseSettings)


@pytest.mark.parametrize("missing", ["LIFTGATE_PREFECT__DATABASE", "LIFTGATE_SERVER__DATABASE"])
@pytest.mark.parametrize("value", ["", "sqlite"])
def test_all_hosts_need_the_same_databases(missing: str, value: str) -> None:
    """Else a sign-in link could be used once at each, or a run be known to one only."""
    with pytest.raises(Misconfigured, match=f"set {missing} to its address"):
        shared_variables(from_variables(SHARED | {missing: value}))


def test_everything_that_is_wrong_is_said_at_once_and_shows_no_password() -> None:
    with pytest.raises(Misconfigured) as refused:
        shared_variables(from_variables({"LIFTGATE_PREFECT__REDIS": "http://hunter2@redis"}))
    assert [name in str(refused.value) for name in SHARED] == [True] * 3
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("password", ["hun/ter2", "hun#ter2", "hun?ter2", "1/hunter2", "[hunter2", "hunter2/@"])
def test_a_password_with_an_odd_character_is_not_shown_by_prefect_as_the_port(password: str) -> None:
    """What Prefect's log says of an address that it cannot read comes into the journal."""
    with pytest.raises(Misconfigured, match=r"LIFTGATE_PREFECT__REDIS.*%2F") as refused:
        shared_variables(from_variables(SHARED | {"LIFTGATE_PREFECT__REDIS": f"redis://liftgate:{password}@redis/0"}))
    assert "hun" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "redis://redis",
        "rediss://:p@ss@redis:6379/0?ssl_cert_reqs=none",
        "redis://u:hun%2Fter2@[::1]:6379",
        "redis+sentinel://host-1:26379,host-2:26379/name/0",
        "rediss+sentinel://u:p@host-1,host-2:26379/name",
    ],
)
def test_every_form_of_address_that_prefect_takes_is_taken(address: str) -> None:
    made = shared_variables(from_variables(SHARED | {"LIFTGATE_PREFECT__REDIS": address}))
    assert made["PREFECT_SERVER_DOCKET_URL"] == address


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg", "postgres"])
def test_prefects_database_is_reached_by_the_driver_that_prefect_has(driver: str) -> None:
    """Prefect's server ends with a traceback otherwise, again and again."""
    wrong = {"LIFTGATE_PREFECT__DATABASE": f"{driver}://postgres.example.com/prefect"}
    with pytest.raises(Misconfigured, match=r"LIFTGATE_PREFECT__DATABASE to its address, postgresql\+asyncpg://"):
        shared_variables(from_variables(SHARED | wrong))
