"""GitHub's answers that are asked for again and again: with its ETag, an answer that did not change costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

import httpx

_MOST: Final = 500
_BYTES: Final = 32 * 1024 * 1024


class Kept(NamedTuple):
    etag: str
    content: bytes


class KeptAnswers:
    """By the address with its query; those that were not used for longest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size, self._lock = 0, Lock()

    def find(self, address: str) -> Kept | None:
        with self._lock:
            if address in self._kept:
                self._kept.move_to_end(address)
            return self._kept.get(address)

    def keep(self, address: str, response: httpx.Response) -> None:
        """An answer without an ETag is not kept."""
        etag = response.headers.get("etag", "")
        with self._lock:
            if old := self._kept.pop(address, None):
                self._size -= len(old.content)
            if etag and response.is_success:
                self._kept[address] = Kept(etag, response.content)
                self._size += len(response.content)
            while self._kept and (len(self._kept) > _MOST or self._size > _BYTES):
                self._size -= len(self._kept.popitem(last=False)[1].content)
