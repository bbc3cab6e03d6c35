"""The tests' own requests over plain HTTP, without httpx reading all certificates first, each of hundreds of times."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whose certificates are trusted: `httpx.Client(verify=NO_CERTIFICATES)` is made at once."""

http = httpx.Client(
    verify=NO_CERTIFICATES,
    trust_env=False,
    timeout=30.0,
    limits=httpx.Limits(max_keepalive_connections=0),
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
)
"""For single requests: nothing of one, no connection and no cookie, is there for the next."""


LONGEST_PAUSE = 1.0


def eventually(is_so: Callable[[], bool], *, within: float = 30.0, every: float = 0.1) -> bool:
    """Whether it became so in time. The first looks are `every` seconds apart.

    What takes long is looked at less often: each look costs the server that answers it, and it serves other tests too.
    """
    began = time.monotonic()
    while not is_so():
        waited = time.monotonic() - began
        if waited > within:
            return False
        time.sleep(max(every, min(waited / 5, LONGEST_PAUSE)))
    return True
