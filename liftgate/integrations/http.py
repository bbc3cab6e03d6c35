"""One way to speak HTTP: timeouts, and every failure as one of our three errors; no other module catches httpx's
errors."""

from __future__ import annotations

import math
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

import httpx

from liftgate.domain.json_text.bounded_json import LARGEST, UnreadableJson, loads
from liftgate.domain.secrets.error_excerpt import error_excerpt
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.time_limit import seconds_left, time_limit

TIMEOUT = httpx.Timeout(connect=5, read=30, write=10, pool=10)
_WHOLE: Final = 300.0
"""Seconds for one call as a whole, also where the caller has no limit of its own."""


def client(
    base_url: str,
    headers: dict[str, str],
    *,
    auth: httpx.Auth | None = None,
    verify: bool = True,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
) -> httpx.Client:
    """No redirects: a redirect of an API call is a wrong address. Loopback is never asked of a proxy.

    Raises Misconfigured for what is no address.
    """
    try:
        return httpx.Client(
            base_url=base_url,
            headers=headers,
            auth=auth,
            timeout=timeout,
            verify=trusted() if verify else False,
            trust_env=not loopback(base_url),
            transport=transport,
        )
    except httpx.InvalidURL as error:
        raise Misconfigured(f"an address in the settings (LIFTGATE_…__URL) is wrong: {error}") from None


def trusted() -> ssl.SSLContext:
    """Whose certificates count: `SSL_CERT_FILE` and `SSL_CERT_DIR`, else certifi's."""
    return _trusted(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@lru_cache(maxsize=4)
def _trusted(file: str, folder: str) -> ssl.SSLContext:
    """Made once: reading all certificates takes longer than most calls."""
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    return httpx.create_ssl_context(trust_env=False)


def loopback(url: str) -> bool:
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def send(http: httpx.Client, who: str, method: str, path: str, **options: Any) -> httpx.Response:
    """The response whatever its status; raises Unavailable when there was none. `who` names the other side."""
    try:
        with (
            time_limit(_WHOLE),
            http.stream(method, path, timeout=_timeout(http, who, options), **options) as response,
        ):
            return _whole(response, b"".join(_in_time(response.iter_bytes(), who)))
    except httpx.TimeoutException:
        raise Unavailable(f"{who} gave no answer in time ({method} {_short(path)})") from None
    except httpx.TransportError as error:
        raise Unavailable(f"{who} is not reachable at {http.base_url.host}:{http.base_url.port}: {error}") from None
    except httpx.DecodingError:
        raise Unavailable(f"{who}'s answer to {_short(path)} cannot be decoded") from None


def _timeout(http: httpx.Client, who: str, options: dict[str, Any]) -> httpx.Timeout:
    """The call's own or the client's, and no longer than the caller has time."""
    usual = httpx.Timeout(options.pop("timeout", http.timeout))
    left = seconds_left(math.inf, who)
    return httpx.Timeout(**{name: min(left, seconds or left) for name, seconds in usual.as_dict().items()})


def _in_time(chunks: Iterator[bytes], who: str) -> Iterator[bytes]:
    """A server that sends a byte now and then, or without an end, holds neither the caller nor all memory."""
    size = 0
    for chunk in chunks:
        seconds_left(math.inf, who)
        size += len(chunk)
        if size > LARGEST:
            raise Unavailable(f"{who} answered with more than {LARGEST} bytes")
        yield chunk


_OF_THE_WIRE: Final = ("content-encoding", "content-length", "transfer-encoding")


def _whole(response: httpx.Response, content: bytes) -> httpx.Response:
    """With its body, which is decoded already."""
    headers = httpx.Headers(response.headers)
    for name in _OF_THE_WIRE:
        headers.pop(name, None)
    return httpx.Response(response.status_code, headers=headers, content=content, request=response.request)


def json_of(response: httpx.Response, who: str) -> Any:
    """The body, or the error its status means."""
    if response.is_success and "json" in response.headers.get("content-type", ""):
        try:
            return loads(response.content)
        except UnreadableJson as error:
            raise Unavailable(f"{who}'s answer to {_short(response.request.url.path)} {error}") from None
    if response.is_success:
        raise Misconfigured(f"{who} answered {response.request.url.path} without JSON; is the address right?")
    raise error_of(response, who)


def error_of(response: httpx.Response, who: str) -> LiftgateError:
    """401/403 → Misconfigured; 408/429/5xx → Unavailable; other → Refused, with what the other side said."""
    said = f"{who} answered {response.status_code} to {response.request.method} {_short(response.request.url.path)}"
    said += f": {text}" if (text := message_of(response)) else ""
    if response.status_code in (408, 425, 429) or response.status_code >= 500:
        return Unavailable(said, retry_after=retry_after(response))
    if response.status_code in (401, 403):
        return Misconfigured(f"{said}; look at the token and what it may do")
    return Refused(said)


def message_of(response: httpx.Response) -> str:
    """What the other side said, for people: a foreign body neither fills our log nor tells a secret there."""
    return error_excerpt(said_by(response), 300)


def said_by(response: httpx.Response) -> str:
    """The same word for word: to tell by, never to pass on."""
    try:
        body = loads(response.content)
    except UnreadableJson:
        return "" if "html" in response.headers.get("content-type", "") else response.text.strip()
    if not isinstance(body, dict):
        return str(body)
    said = str(body.get("message") or body.get("detail") or body.get("error") or "")
    return "; ".join(filter(None, [said, *_reasons(body.get("errors"))]))


def _reasons(errors: Any) -> list[str]:
    """Of a list of texts, or of objects with a message or with the name of a field."""
    listed = errors if isinstance(errors, list) else []
    return [_reason(each) if isinstance(each, dict) else str(each) for each in listed]


def _reason(error: dict[str, Any]) -> str:
    return str(error.get("message") or " ".join(str(error[name]) for name in ("field", "code") if error.get(name)))


def retry_after(response: httpx.Response) -> float | None:
    """Seconds until the time of the header Retry-After, which is a number or a date; None without a valid one."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = time_of(value)
    return None if until is None else max(0.0, until - server_time(response))


def server_time(response: httpx.Response) -> float:
    """Seconds since 1970 by the server's own clock: its times are compared with that one."""
    return time_of(response.headers.get("date", "")) or datetime.now(UTC).timestamp()


def time_of(date: str) -> float | None:
    """An HTTP date as seconds since 1970; None for anything else."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def _short(path: str) -> str:
    return path.split("?", maxsplit=1)[0]
