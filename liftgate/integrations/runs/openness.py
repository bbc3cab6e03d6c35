"""Whether a Prefect server answers callers it does not know: one request without a secret, as of a page elsewhere."""

from __future__ import annotations

import httpx

from liftgate.domain.common.value import Value
from liftgate.integrations.http import client, send
from liftgate.integrations.runs.listing import WHO

ELSEWHERE = "https://website.invalid"
"""An origin that no server can have allowed by name (RFC 2606)."""


class Openness(Value):
    answers: bool
    """It answers without authentication."""
    any_site: bool
    """It lets pages of every website read its answers."""


def prefect_access(api_url: str) -> Openness:
    """One request for the version, which is open nowhere else. Raises Unavailable.

    A sign-in page in front is no answer of Prefect's: that would be JSON.
    """
    plain = httpx.URL(api_url.rstrip("/")).copy_with(userinfo=b"")
    with client(str(plain), {"origin": ELSEWHERE}) as http:
        answer = send(http, WHO, "GET", "/admin/version")
    json = "json" in answer.headers.get("content-type", "")
    return Openness(
        answers=answer.is_success and json,
        any_site=answer.headers.get("access-control-allow-origin", "") in ("*", ELSEWHERE),
    )
