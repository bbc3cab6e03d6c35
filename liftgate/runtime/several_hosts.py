"""What `liftgate up` needs on each of several hosts: one Postgres and one Redis, which all of them share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from liftgate.errors import Misconfigured
from liftgate.settings import Settings

_SCHEMES: Final = ("redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://")
_MODULES: Final = {
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
}
"""Each keeps in Redis what a Prefect server otherwise keeps in its own memory."""
_CLIENTS: Final = ("PREFECT_REDIS_MESSAGING", "PREFECT_REDIS_WORKER_CLEANUP_QUEUE")
_ADDRESSES: Final = (*(f"{client}_URL" for client in _CLIENTS), "PREFECT_SERVER_DOCKET_URL")
_TIMES: Final = {
    f"{client}_{name}": seconds
    for client in _CLIENTS
    for name, seconds in (("SOCKET_CONNECT_TIMEOUT", "5"), ("SOCKET_TIMEOUT", "15"))
}
"""Without them a request waits for ever for a Redis that does not answer. It waits one second for new messages."""


def shared_variables(settings: Settings) -> dict[str, str]:
    """Prefect's variables for a server that is one of several; none without `LIFTGATE_PREFECT__REDIS`.

    Raises Misconfigured with everything that is missing.
    """
    url = settings.prefect.redis.get_secret_value()
    if not url:
        return {}
    if problems := list(_problems(settings, url)):
        raise Misconfigured("; ".join(problems))
    return _MODULES | _TIMES | dict.fromkeys(_ADDRESSES, url)


def _problems(settings: Settings, url: str) -> Iterator[str]:
    if not url.startswith(_SCHEMES):
        yield f"LIFTGATE_PREFECT__REDIS must begin with {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}"
    elif not _is_readable(url):
        yield (
            "LIFTGATE_PREFECT__REDIS cannot be read as an address: in its user and password write / ? # [ ] and @ as "
            "%2F %3F %23 %5B %5D and %40"
        )
    shared = {
        "LIFTGATE_PREFECT__DATABASE": (settings.prefect.database, "postgresql+asyncpg://", "postgresql+asyncpg://"),
        "LIFTGATE_SERVER__DATABASE": (settings.server.database, "postgresql", "postgresql://"),
    }
    for name, (value, begins, scheme) in shared.items():
        if not value.get_secret_value().startswith(begins):
            yield f"with LIFTGATE_PREFECT__REDIS all hosts share a Postgres: set {name} to its address, {scheme}…"


def _is_readable(url: str) -> bool:
    """Of another one Prefect's log would show a part of the password as the port that it cannot read."""
    try:
        parts = urlsplit(url)
        hosts = [urlsplit(f"//{each}") for each in parts.netloc.rpartition("@")[2].split(",")]
        are_hosts = all(each.hostname and (each.port is None or each.port) for each in hosts)
    except ValueError:
        return False
    return are_hosts and "@" not in parts.path + parts.query + parts.fragment
