"""Forwards a person's request to Prefect's API with Liftgate's own secret, and reads the answer within limits."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import quote

import anyio
import httpx

from liftgate.domain.common.value import Value
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.http import loopback, trusted
from liftgate.integrations.runs.listing import WHO
from liftgate.integrations.runs.prefect import credentials

LARGEST: Final = 16_000_000
"""Bytes of an answer."""
WITHIN: Final = 30.0
"""Seconds from the request to the end of its answer."""
AT_ONCE: Final = 16
"""Connections to Prefect, so that open pages cannot keep Liftgate's own requests waiting there."""
SENT: Final = ("accept", "content-type", "x-prefect-api-version")
"""Headers that Prefect gets from the browser: no cookie, no password, no address, nothing about the connection."""
KINDS: Final = ("application/json", "text/plain", "text/csv")
"""What an answer may be. A browser never takes one of them for a program or a page."""


class Forwarded(Value):
    """Prefect's answer."""

    status: int
    kind: str
    """The content type."""
    name: str = ""
    """The content disposition: a file's name for a download."""
    body: bytes


class Forwarder:
    """Belongs to one event loop."""

    def __init__(self, api_url: str, auth_string: str, within: float = WITHIN, largest: int = LARGEST) -> None:
        if not api_url:
            raise Misconfigured("no Prefect server: set LIFTGATE_PREFECT__API_URL")
        self._base, self._within, self._largest = api_url.rstrip("/"), within, largest
        self._http = httpx.AsyncClient(
            auth=credentials(auth_string),
            timeout=within,
            limits=httpx.Limits(max_connections=AT_ONCE),
            verify=trusted(),
            trust_env=not loopback(api_url),
        )
        # One person's cookie would otherwise go along with the next person's request.
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Forwarded:
        """The whole answer or none. `path` is decoded. Raises Unavailable, and Misconfigured for a wrong secret."""
        url = httpx.URL(self._base + quote(path, safe="/")).copy_with(query=query.encode() or None)
        kept = {name: headers[name] for name in SENT if name in headers} | {"accept-encoding": "identity"}
        try:
            with anyio.fail_after(self._within):
                async with self._http.stream(method, url, headers=kept, content=body) as response:
                    return await self._whole(response)
        except (TimeoutError, httpx.TimeoutException):
            raise Unavailable(f"{WHO} gave no answer in time") from None
        except httpx.TransportError:
            raise Unavailable(f"{WHO} is not reachable") from None

    async def _whole(self, response: httpx.Response) -> Forwarded:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise Misconfigured(f"{WHO} refuses the secret in LIFTGATE_PREFECT__AUTH_STRING")
        if response.is_redirect:
            raise Unavailable(f"{WHO} answered with a redirect, which is not followed")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._largest:
                raise Unavailable(f"{WHO}'s answer has more than {self._largest} bytes; ask for less")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Forwarded(
            status=response.status_code,
            kind=kind if kind in KINDS else "text/plain",
            name=response.headers.get("content-disposition", ""),
            body=bytes(body),
        )

    async def close(self) -> None:
        await self._http.aclose()
