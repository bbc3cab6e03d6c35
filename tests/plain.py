"""The tests' own requests over plain HTTP, without httpx reading all certificates first, each of hundreds of times."""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whose certificates are trusted: `httpx.Client(verify=NOBODY)` is made at once."""

http = httpx.Client(
    verify=NOBODY,
    trust_env=False,
    timeout=30.0,
    limits=httpx.Limits(max_keepalive_connections=0),
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
)
"""For single requests: nothing of one, no connection and no cookie, is there for the next."""
