"""The person that a trusted proxy in front of the server names in a header."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def named_person(values: Sequence[str], peer: str, proxies: Collection[str]) -> str:
    """An e-mail address or a login, from all `values` of the header; empty if the sender is no trusted proxy.

    A header that came twice proves nothing: a proxy that adds its own beside the client's would pass the client's on.
    """
    return values[0].strip() if peer in proxies and len(values) == 1 else ""
