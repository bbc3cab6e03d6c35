"""What people are told of a Prefect server that answers callers it does not know."""

from __future__ import annotations

from liftgate.domain.verdict import Verdict, not_configured, passed

CLOSE = "set PREFECT_SERVER_API_AUTH_STRING where it runs and LIFTGATE_PREFECT__AUTH_STRING here"
NAME_ITS_PAGES = "set PREFECT_SERVER_CORS_ALLOWED_ORIGINS to its own address where it runs"


def verdict(api_url: str) -> Verdict:
    """Not configured where it is open. Raises Unavailable."""
    from liftgate.integrations.runs.openness import look

    found = look(api_url)
    pages = f"pages of every website may read its answers ({NAME_ITS_PAGES})" if found.any_site else ""
    if not found.answers:
        return passed("it asks for a secret" + (f"; {pages}" if pages else ""))
    allowed = "it answers without authentication: anyone who reaches it can start programs with the worker's keys"
    browsers = "so can every website that such a person visits"
    return not_configured("; ".join(filter(None, [allowed, browsers, pages, CLOSE])))
