"""Used keys in SQLite, or in a Postgres that several Liftgate servers share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Index,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.clock import Clock

SETTING: Final = "LIFTGATE_SERVER__DATABASE"
MOST: Final = 100_000
"""Keys of one kind at a time. Above it new ones are refused: forgetting one early would let a replay pass."""
_WAIT: Final = 5
"""Seconds to wait for a connection, a lock or an answer."""
_LOOK_AGAIN: Final = 0.5
"""Seconds between two looks at a lock that another host has."""
_NOTICE_DEATH: Final = ("tcp_keepalives_idle=10", "tcp_keepalives_interval=5", "tcp_keepalives_count=3")
"""Postgres notices within half a minute that a host with a lock is gone."""
_USED: Final = Table(
    "liftgate_used",
    MetaData(),
    Column("kind", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("until", Float, nullable=False),
    Index("liftgate_used_until", "until"),
)


class Database:
    """One table; it is created at the first use."""

    def __init__(self, url: str, folder: Path) -> None:
        """An empty `url` is a SQLite file in `folder`. Raises Misconfigured for any other that is no database."""
        self._url = _checked(url) if url else URL.create("sqlite", database=str(folder.expanduser() / "server.sqlite"))
        self._lock = Lock()
        self._made: Engine | None = None

    def once(self, kind: str, clock: Clock, life: float) -> DatabaseOnce:
        """The keys of one kind; each is remembered for `life` seconds."""
        return DatabaseOnce(self, kind, clock, life)

    def check(self) -> None:
        """Connect, and change nothing. Raises Unavailable."""
        with _reported():
            engine = _opened(self._url)
            with engine.connect() as connection:
                connection.scalar(select(1))
            engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Raises Unavailable, and IntegrityError for a key that is there."""
        with _reported(), self._engine().begin() as connection:
            yield connection

    @contextmanager
    def alone(self, what: str, clock: Clock, within: float) -> Iterator[bool]:
        """Hold a lock that one host can have, and the others wait for; a host that dies loses it.

        False when it was not free for `within` seconds. SQLite has no other hosts. Raises Unavailable.
        """
        if self._url.get_backend_name() == "sqlite":
            yield True
            return
        with _reported():
            connection = self._engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with _reported():
                locked = _lock(connection, what, clock, within)
            yield locked
        finally:
            _unlock(connection)
            connection.invalidate()  # where it could not be asked, the lock is free once it is closed
            connection.close()

    def _engine(self) -> Engine:
        if not self._lock.acquire(timeout=_WAIT):
            raise Unavailable(f"the Liftgate server's database ({SETTING}) does not answer")
        try:
            if self._made is None:
                engine = _opened(self._url)
                _create_table(engine)
                self._made = engine
            return self._made
        finally:
            self._lock.release()


class DatabaseOnce:
    """Keys are stored as digests: a foreign key has any length, and the database needs none of them."""

    def __init__(self, database: Database, kind: str, clock: Clock, life: float) -> None:
        self._database, self._kind, self._clock, self._life = database, kind, clock, life

    def first(self, key: str) -> bool:
        now = self._clock.now().timestamp()
        row = {"kind": self._kind, "key": _digest(key), "until": now + self._life}
        try:
            with self._database.transaction() as connection:
                connection.execute(delete(_USED).where(_USED.c.until <= now))
                kept = connection.scalar(select(func.count()).where(_USED.c.kind == self._kind))
                if kept is not None and kept >= MOST:
                    raise Unavailable(f"the Liftgate server remembers {MOST} of kind {self._kind}; try again later")
                connection.execute(insert(_USED).values(row))
        except IntegrityError:
            return False
        return True

    def noted(self, key: str) -> bool:
        mine = (_USED.c.kind == self._kind) & (_USED.c.key == _digest(key))
        with self._database.transaction() as connection:
            until = connection.scalar(select(_USED.c.until).where(mine))
        return until is not None and until > self._clock.now().timestamp()


@contextmanager
def _reported() -> Iterator[None]:
    """An error names the setting and no address: that may hold a password."""
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, OSError) as error:
        reason = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        raise Unavailable(f"the Liftgate server's database ({SETTING}) cannot be used: {reason}") from None


def _checked(url: str) -> URL:
    try:
        given = make_url(url)
        backend = given.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "sqlite":
        return given.set(drivername="sqlite")
    if backend == "postgresql":
        return given.set(drivername="postgresql+psycopg")
    raise Misconfigured(f"{SETTING} must begin with postgresql:// or sqlite:///")


def _opened(url: URL) -> Engine:
    if url.drivername == "sqlite":
        if url.database:
            file = Path(url.database)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
        return create_engine(url, connect_args={"timeout": _WAIT})
    limits = {
        "connect_timeout": _WAIT,
        "tcp_user_timeout": _WAIT * 1000,
        "options": f"-c statement_timeout={_WAIT * 1000}",
    }
    return create_engine(
        url, connect_args=limits, pool_pre_ping=True, pool_size=5, max_overflow=5, pool_timeout=_WAIT, pool_recycle=300
    )


def _lock(connection: Connection, what: str, clock: Clock, within: float) -> bool:
    for setting in _NOTICE_DEATH:
        connection.execute(text(f"set {setting}"))
    number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], signed=True)
    until = clock.monotonic() + within
    while not connection.scalar(select(func.pg_try_advisory_lock(number))):
        if clock.monotonic() >= until:
            return False
        clock.sleep(_LOOK_AGAIN)
    return True


def _unlock(connection: Connection) -> None:
    """At once: the server may notice a little later that a connection was closed."""
    with suppress(SQLAlchemyError):
        connection.execute(select(func.pg_advisory_unlock_all()))


def _create_table(engine: Engine) -> None:
    """Of two servers that start at the same time one finds the other's table."""
    try:
        _USED.create(engine, checkfirst=True)
    except DBAPIError:
        _USED.create(engine, checkfirst=True)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
