"""One contract for the twin in memory, SQLite and Postgres: a key is used once, until its life ends."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.replay import Once, database
from liftgate.integrations.replay.database import Database
from liftgate.integrations.replay.memory import InMemoryOnce
from liftgate.runtime.postgres import EmbeddedPostgres
from liftgate.runtime.supervisor import Supervisor

LIFE = 60.0
Make = Callable[[str], Once]


class Later(SystemClock):
    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="liftgate-pg-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        server = EmbeddedPostgres(folder, durable=False)
        with Supervisor(folder) as supervisor:
            supervisor.start(server)
            yield server.url


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make(request: pytest.FixtureRequest, clock: Later, tmp_path: Path) -> Make:
    """Another server's view of the same keys, by their kind."""
    if request.param == "memory":
        views: dict[str, Once] = {}
        return lambda kind: views.setdefault(kind, InMemoryOnce(clock, LIFE))
    url = request.getfixturevalue("postgres") if request.param == "postgres" else ""
    mark = tmp_path.name[-6:]  # the database is this module's; the kinds are the test's
    return lambda kind: Database(url, tmp_path / "state").once(f"{kind}{mark}", clock, LIFE)


def test_a_key_is_used_once_by_all_servers_and_only_within_its_kind(make: Make) -> None:
    assert not make("link").noted("a")
    assert [make("link").first(key) for key in ("a", "a", "b", "a")] == [True, False, True, False]
    assert make("link").noted("a")
    assert make("slack").first("a")


def test_a_key_is_forgotten_when_its_life_ends(make: Make, clock: Later) -> None:
    assert make("link").first("a")
    clock.ahead = timedelta(seconds=LIFE - 5)
    assert not make("link").first("a")
    clock.ahead = timedelta(seconds=LIFE + 5)
    assert not make("link").noted("a")
    assert make("link").first("a")
    assert make("link").noted("a")


@pytest.mark.parametrize("key", ["", "\0", "é\ud800", "x" * 100_000, "'; drop table liftgate_used; --"])
def test_any_text_is_a_key(make: Make, key: str) -> None:
    assert [make("link").first(key) for _ in range(2)] == [True, False]
    assert make("link").noted(key)


def test_of_many_at_the_same_moment_one_is_first(make: Make) -> None:
    servers = [make("link") for _ in range(4)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda number: servers[number % 4].first("a"), range(64)))
    assert answers.count(True) == 1


def test_what_is_full_refuses_and_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MOST", 2)
    once = Database("", tmp_path).once("link", SystemClock(), LIFE)
    assert once.first("a")
    assert once.first("b")
    with pytest.raises(Unavailable, match="try again later"):
        once.first("c")
    assert once.noted("a")


def test_only_this_user_reads_the_file(tmp_path: Path) -> None:
    Database("", tmp_path / "state").once("link", SystemClock(), LIFE).first("a")
    assert (tmp_path / "state" / "server.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "hunter2", "postgresql://u:hunter2@h:port/d"])
def test_a_wrong_address_is_named_by_its_setting_and_never_shown(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_SERVER__DATABASE") as refused:
        Database(url, tmp_path)
    assert "hunter2" not in str(refused.value)


def test_a_database_that_does_not_answer_is_unavailable_and_shows_no_password(tmp_path: Path) -> None:
    once = Database("postgresql://u:hunter2@127.0.0.1:1/d", tmp_path).once("link", SystemClock(), LIFE)
    for ask in (once.first, once.noted):
        with pytest.raises(Unavailable, match="LIFTGATE_SERVER__DATABASE") as refused:
            ask("a")
        assert "hunter2" not in str(refused.value)


def test_a_lock_is_one_hosts_until_it_lets_go_or_dies(postgres: str, tmp_path: Path) -> None:
    hosts = [Database(postgres, tmp_path / name) for name in ("a", "b", "c")]
    clock = SystemClock()
    with hosts[0].alone("start", clock, 0.0) as first, hosts[1].alone("start", clock, 0.0) as second:
        assert (first, second) == (True, False)
        with hosts[1].alone("another", clock, 0.0) as other:
            assert other
    with hosts[2].alone("start", clock, 0.0) as third:
        assert third


def test_what_fails_under_a_lock_is_not_called_a_fault_of_the_database(postgres: str, tmp_path: Path) -> None:
    database = Database(postgres, tmp_path)
    with pytest.raises(OSError, match="the disk is full"), database.alone("start", SystemClock(), 0.0):
        raise OSError("the disk is full")
    with database.alone("start", SystemClock(), 0.0) as locked:
        assert locked


def test_a_file_has_no_other_hosts(tmp_path: Path) -> None:
    database = Database("", tmp_path)
    with database.alone("start", SystemClock(), 0.0) as first, database.alone("start", SystemClock(), 0.0) as second:
        assert (first, second) == (True, True)
