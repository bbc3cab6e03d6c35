"""The objects of one commit over HTTP by one request, without the six processes of `git fetch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import httpx

from liftgate_sandbox.argocd.listing import HTTP
from liftgate_sandbox.packet_lines import DELIMITER, FLUSH, contents, packet

_KIND: Final = "application/x-git-upload-pack"
_DATA: Final = b"\1"
"""Begins each line of the pack; other lines are the server's messages."""


def pack_of(url: str, headers: Mapping[str, str], commit: str, known: Iterable[str]) -> bytes:
    """A pack with the commit and all before it but the known ones (gitprotocol-v2); empty where the server gives none:
    then git asks, and says why."""
    wanted = [f"want {commit}", *(f"have {each}" for each in known), "done"]
    asked = [packet(b"command=fetch"), DELIMITER, *(packet(line.encode()) for line in ("no-progress", *wanted)), FLUSH]
    ours = {"content-type": f"{_KIND}-request", "accept": f"{_KIND}-result", "git-protocol": "version=2"}
    try:
        answer = HTTP.post(f"{url}/git-upload-pack", content=b"".join(asked), headers={**headers, **ours})
        if answer.status_code != httpx.codes.OK or answer.headers.get("content-type") != f"{_KIND}-result":
            return b""
        first, *lines = contents(answer.content)
    except (httpx.HTTPError, ValueError):
        return b""
    return b"".join(line[1:] for line in lines if line.startswith(_DATA)) if first == b"packfile\n" else b""
