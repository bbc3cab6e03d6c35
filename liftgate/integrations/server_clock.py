"""How far a server's clock is ahead of this machine's: every HTTP answer says when it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from liftgate.errors import Misconfigured
from liftgate.integrations.clock import Clock
from liftgate.integrations.http import client, send, time_of

_TIMEOUT: Final = httpx.Timeout(5.0)


def ask(who: str, url: str, clock: Clock, *, verify: bool = True) -> float | None:
    """Seconds that the clock of `who` is ahead, negative if it is behind; None if its answer has no time of its own.

    It gets nothing that is secret. Raises Unavailable, Misconfigured.
    """
    with client(_without_user(url), {}, verify=verify, timeout=_TIMEOUT) as http:
        began = clock.now().timestamp()
        answer = send(http, who, "GET", "")
    return seconds_ahead(answer.headers, began, clock.now().timestamp())


def seconds_ahead(headers: Mapping[str, str], began: float, ended: float) -> float | None:
    """The same of an answer to a request that `began` and `ended` at these times of this machine.

    A date has whole seconds, and the answer was given at some moment in between: what that explains is no difference.
    A cache between the two tells an older time.
    """
    said = time_of(headers.get("date", ""))
    if said is None or "age" in headers:
        return None
    least, most = said - ended, said + 1.0 - began
    return max(least, min(most, 0.0))


def _without_user(url: str) -> str:
    """Raises Misconfigured for what is no address."""
    try:
        return str(httpx.URL(url).copy_with(userinfo=b""))
    except httpx.InvalidURL:
        raise Misconfigured("an address in the settings (LIFTGATE_…__URL) is wrong") from None
