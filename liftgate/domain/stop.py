"""A stopped line: somebody wants nothing to be promoted, in one environment or anywhere, until they let it go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from liftgate.domain.value import Value


class Stop(Value):
    environment: str = ""
    """Empty: every one."""
    reason: str
    by: str
    """Whom the commit names; that it is there shows that somebody may push."""
    since: datetime

    @property
    def sentence(self) -> str:
        where, when = self.environment or "everywhere", f"{self.since.astimezone(UTC):%a %d %b %H:%M UTC}"
        return f"the line is stopped ({where}) by {self.by} since {when}: {self.reason}"


def holding(stops: Iterable[Stop], environment: str) -> Stop | None:
    """The one that holds promotions to the environment; a rollback asks for none."""
    return next((stop for stop in stops if stop.environment in ("", environment)), None)
