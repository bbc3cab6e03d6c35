"""Hostile files never get a traceback out of `validate` and `plan`: a sentence and an exit code, or nothing wrong."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from tests.cli.conftest import Folder, Said

Liftgate = Callable[..., Said]

ENDS = {0, 1, 3, 5}
"""Exit codes that bad input may have; 70 is a bug of ours."""
FILES = ("liftgate.json", "configs/base/values.json", "configs/dev/values.json", ".liftgate/allowed_signers")
STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 2**53 + 1, 1e308, "", "\u0000", "\ud7ff", "ENC[AES256_GCM,data:x]", "vault:a/data/b#c",
    [], {}, [[]], {"": {"~1": {"/": 1}}}, {"__proto__": {}}, "x" * 5000, ["a"] * 200, "../../etc/passwd",
)  # fmt: skip


def bent(dice: random.Random, value: Any) -> Any:
    """The value with one place in it replaced by something strange, renamed, or removed."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(list(value))
        if dice.random() < 0.15:
            return {k: v for k, v in value.items() if k != key}
        if dice.random() < 0.1:
            return {(k + dice.choice("~/x\u00e9 ") if k == key else k): v for k, v in value.items()}
        return value | {key: bent(dice, value[key])}
    if isinstance(value, list) and value and dice.random() < 0.8:
        place = dice.randrange(len(value))
        return [*value[:place], bent(dice, value[place]), *value[place + 1 :]]
    return dice.choice(STRANGE)


def broken(dice: random.Random, data: bytes) -> bytes:
    """The bytes with a few of them changed, doubled or cut."""
    for _ in range(dice.randint(1, 4)):
        place, kind = dice.randrange(len(data) + 1), dice.random()
        if kind < 0.5:
            data = data[:place] + dice.randbytes(dice.randint(1, 4)) + data[place + 1 :]
        elif kind < 0.75:
            data = data[:place] + data[place // 2 :]
        else:
            data = data[:place]
    return data


def attempts(seed: int, originals: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """One file after the other, bent as JSON or broken as bytes."""
    dice = random.Random(seed)
    while True:
        path = dice.choice(FILES)
        data = originals[path]
        if path.endswith(".json") and dice.random() < 0.6:
            value = json.loads(data)
            for _ in range(dice.randint(1, 3)):
                value = bent(dice, value)
            yield path, json.dumps(value).encode("utf-8", "surrogatepass")
        else:
            yield path, broken(dice, data)


def fuzz(clone: Folder, liftgate: Liftgate, count: int, seed: int) -> None:
    """A failing attempt is told with the file that makes it fail again."""
    originals = {path: (clone.path / path).read_bytes() for path in FILES}
    for path, data in islice(attempts(seed, originals), count):
        clone.put(path, data)
        clone.commit()
        for words in (("validate",), ("plan", "example-app", "--to", "dev"), ("plan", "example-app", "--to", "prod")):
            said = liftgate(*words, "--repo", str(clone.path))
            assert said.code in ENDS, f"{words} on {path} = {data!r} (seed {seed}): {said}"
            assert "Traceback" not in said.out + said.err
        clone.put(path, originals[path])


def test_some_hostile_files_find_no_bug(clone: Folder, liftgate: Liftgate) -> None:
    fuzz(clone, liftgate, count=20, seed=1)


@pytest.mark.long
def test_thousands_of_hostile_files_find_no_bug(clone: Folder, liftgate: Liftgate) -> None:
    seed = int(os.environ.get("FUZZ_SEED", str(time.time_ns())))
    print(f"FUZZ_SEED={seed}")
    fuzz(clone, liftgate, int(os.environ.get("FUZZ_COUNT", "3000")), seed)
