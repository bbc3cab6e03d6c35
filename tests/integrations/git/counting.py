"""What a reading or writing of a repository costs, in numbers that no busy machine changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from liftgate.domain.commits import public_key
from liftgate.integrations.git.object_reader import Object, ObjectReader
from liftgate.integrations.git.process import Git, Result


def count_costs(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """From now on: objects that are read, signatures that are verified, processes of git."""
    seen: Counter[str] = Counter()
    run, read, verify = Git.run, ObjectReader.objects, public_key.has_signed

    def counted_run(git: Git, *arguments: str, **more: object) -> Result:
        seen["processes"] += 1
        return run(git, *arguments, **more)  # type: ignore[arg-type]

    def counted_read(reader: ObjectReader, names: Sequence[str]) -> list[Object | None]:
        seen["objects"] += len(names)
        return read(reader, names)

    def counted_verify(key: bytes, message: bytes, made: bytes) -> bool:
        seen["signatures"] += 1
        return verify(key, message, made)

    monkeypatch.setattr(Git, "run", counted_run)
    monkeypatch.setattr(ObjectReader, "objects", counted_read)
    monkeypatch.setattr(public_key, "has_signed", counted_verify)
    return seen
