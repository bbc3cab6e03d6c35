"""The warning about a Prefect server that answers requests without authentication."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict, not_configured, passed

CLOSE = "set PREFECT_SERVER_API_AUTH_STRING where it runs and LIFTGATE_PREFECT__AUTH_STRING here"
NAME_ITS_PAGES = "set PREFECT_SERVER_CORS_ALLOWED_ORIGINS to its own address where it runs"


def verdict(api_url: str) -> Verdict:
    """Not configured if the server is open. Raises Unavailable."""
    from liftgate.integrations.runs.openness import prefect_access

    found = prefect_access(api_url)
    pages = f"every website can read its answers in a browser ({NAME_ITS_PAGES})" if found.any_site else ""
    if not found.answers:
        return passed("it requires a secret" + (f"; {pages}" if pages else ""))
    allowed = "it answers without authentication: anyone who can reach it can start programs with the worker's keys"
    browsers = "so can every website that such a person visits"
    return not_configured("; ".join(filter(None, [allowed, browsers, pages, CLOSE])))
