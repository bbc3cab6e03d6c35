"""Facts of the index that a process reads from the file, or makes, only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from liftgate.integrations.git.index import Index

_SMALL: Final = 8192
"""Bytes of a fact that is remembered."""


class RememberedFacts:
    """A fact never changes, so they serve a whole process. At `most` of them, all are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._facts: dict[tuple[str, str], bytes] = {}

    def known(self, index: Index, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Those that are remembered or in the index."""
        known = {key: fact for key in keys if (fact := self._facts.get((kind, key))) is not None}
        found = index.known(kind, [key for key in keys if key not in known])
        self._remember(kind, found)
        return known | found

    def keep(self, index: Index, kind: str, facts: Mapping[str, bytes], newest: int = 0) -> None:
        """As in the index."""
        index.keep(kind, facts, newest)
        self._remember(kind, facts)

    def forget(self) -> None:
        """As in a process that has just begun."""
        self._facts.clear()

    def _remember(self, kind: str, facts: Mapping[str, bytes]) -> None:
        if len(self._facts) + len(facts) > self._most:
            self._facts.clear()
        self._facts.update(((kind, key), fact) for key, fact in facts.items() if len(fact) <= _SMALL)
