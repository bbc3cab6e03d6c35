"""The person that a trusted proxy in front of the server names in a header."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final

_WITH_PORT: Final = re.compile(r"\[(?P<six>[^]]*)\](:\d+)?|(?P<four>[^:]*):\d+")
_LONGEST: Final = 64


def named_person(values: Sequence[str], peer: str, proxies: Collection[str]) -> str:
    """An e-mail address or a login, from all `values` of the header; empty if the sender is no trusted proxy.

    A header that came twice proves nothing: a proxy that adds its own beside the client's would pass the client's on.
    """
    return values[0].strip() if is_proxy(peer, proxies) and len(values) == 1 else ""


def is_proxy(peer: str, proxies: Collection[str]) -> bool:
    """Whether it is the address of one of the trusted proxies, however either is written."""
    return plain_address(peer) in map(plain_address, proxies)


def plain_address(text: str) -> str:
    """One way to write a network address: without the port that some proxies add, and IPv4 never as IPv6.

    What is no address is cut.
    """
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["six"] or found["four"] or ""
    try:
        read = ip_address(text)
    except ValueError:
        return text[:_LONGEST]
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return str(mapped or read)
