"""Pages of a list, with GitHub's Link header."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import URL

USUAL, MOST = 30, 100


def cut(items: list[Any], url: URL) -> tuple[list[Any], str]:
    """The page that the address asks for, and the Link header ("" when it all fits)."""
    query = dict(part.partition("=")[::2] for part in url.query.split("&"))
    size = min(MOST, _positive(query.get("per_page", ""), USUAL))
    page = _positive(query.get("page", ""), 1)
    last = max(1, -(-len(items) // size))
    places = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {
        name: number
        for name, number in places.items()
        if 1 <= number <= last and not (name == "first" and page == 1) and not (name == "last" and page >= last)
    }
    links = [f'<{url.include_query_params(page=number)}>; rel="{name}"' for name, number in wanted.items()]
    return items[(page - 1) * size : page * size], ", ".join(links) if last > 1 else ""


def _positive(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and int(text) > 0 else otherwise
