"""The certificates that the sandbox's clients trust, read once: each new httpx client would read them again."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache

import httpx


def post(url: str, content: bytes | str, headers: Mapping[str, str], timeout: float) -> httpx.Response:
    """One request by itself. Raises httpx.HTTPError, httpx.InvalidURL."""
    verify = trusted_for(url)
    return httpx.post(url, content=content, headers=headers, timeout=timeout, trust_env=False, verify=verify)


def trusted_for(url: str) -> ssl.SSLContext:
    """For requests to this address. Plain HTTP needs no certificate, so none is read for it."""
    return _without_certificates() if url.startswith("http://") else _with_certificates()


@cache
def _without_certificates() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def _with_certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
