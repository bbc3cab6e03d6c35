"""The person that a trusted proxy in front of the server names in a header."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_WITH_PORT: Final = re.compile(r"\[(?P<six>[^]]*)\](:\d+)?|(?P<four>[^:]*):\d+")
_LONGEST: Final = 64


def named_person(values: Sequence[str], peer: str, proxies: Collection[str]) -> str:
    """An e-mail address or a login, from all `values` of the header; empty if the sender is no trusted proxy.

    A header that came twice proves nothing: a proxy that adds its own beside the client's would pass the client's on.
    """
    return values[0].strip() if is_proxy(peer, proxies) and len(values) == 1 else ""


def is_proxy(peer: str, proxies: Collection[str]) -> bool:
    """Whether it is the address of a trusted proxy, or in a network of them, however either is written."""
    address = plain_address(peer)
    return any(address == plain_address(each) or _is_in(address, each) for each in proxies)


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


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
