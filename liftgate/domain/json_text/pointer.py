"""JSON pointers (RFC 6901), and the glob patterns of rules, pins and allow-lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.errors import Refused


class Missing:
    """The value does not exist; not the same as null."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def join(tokens: Iterable[str]) -> str:
    return "".join("/" + escape(token) for token in tokens)


def split(pointer: str) -> tuple[str, ...]:
    """The unescaped tokens; raises Refused unless the pointer is empty or starts with `/`."""
    if pointer and not pointer.startswith("/"):
        raise Refused(f"The JSON pointer {pointer!r} must start with '/': did you mean {'/' + pointer!r}?")
    if re.search(r"~(?![01])", pointer):
        raise Refused(f"The JSON pointer {pointer!r} has a '~' that is neither '~0' (for ~) nor '~1' (for /).")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def find(value: Json, pointer: str) -> Json:
    """The value at the pointer, or MISSING."""
    for token in split(pointer):
        value = step(value, token)
        if value is MISSING:
            break
    return value


def step(value: Json, token: str) -> Json:
    """The member or element of that name, or MISSING."""
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", token) and int(token) < len(value):
        return value[int(token)]
    return MISSING


def get(value: Json, pointer: str) -> Json:
    """The value at the pointer; raises Refused if it does not exist."""
    found = find(value, pointer)
    if found is MISSING:
        meant = with_slash(value, pointer)
        raise Refused(f"{pointer} does not exist; did you mean {meant}?" if meant else f"{pointer} does not exist.")
    return found


def with_slash(value: Json, pointer: str) -> str:
    """The pointer that was probably meant by one that finds nothing: `/a~1b` for `/a/b` beside the key `a/b`.

    Empty if there is no such key.
    """
    tokens = split(pointer)
    for at, token in enumerate(tokens):
        ends = range(len(tokens), at + 1, -1) if isinstance(value, dict) else ()
        if end := next((each for each in ends if "/".join(tokens[at:each]) in value), 0):
            return join((*tokens[:at], "/".join(tokens[at:end]), *tokens[end:]))
        value = step(value, token)
    return ""


def leaves(value: Json, pointer: str = "", *, arrays: bool = False) -> Iterator[tuple[str, Json]]:
    """Every value without values below it, with its pointer; an array is one value unless `arrays` is set."""
    todo = [(pointer, value)]
    while todo:
        at, each = todo.pop()
        if isinstance(each, dict) and each:
            todo += [(f"{at}/{escape(token)}", below) for token, below in reversed(each.items())]
        elif arrays and isinstance(each, list) and each:
            todo.extend((f"{at}/{index}", each[index]) for index in reversed(range(len(each))))
        else:
            yield at, each


def matches(pattern: str, pointer: str) -> bool:
    """Whether the pattern matches: `*` stands for a token or a part of one, `**` for any number of tokens."""
    return _regex(pattern).fullmatch(pointer) is not None


def covers(pattern: str, pointer: str) -> bool:
    """Whether the pattern matches the pointer or something above it."""
    return covering(pattern).fullmatch(pointer) is not None


@lru_cache(maxsize=4096)
def covering(pattern: str) -> re.Pattern[str]:
    """The compiled form of `covers`, for repeated use."""
    return re.compile(f"{_regex(pattern).pattern}(?:/.*)?", re.DOTALL)


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    split(pattern)
    parts = re.sub(r"(/\*\*)+(?=/|$)", "/**", pattern).split("/")[1:]
    return re.compile("".join("(?:/[^/]*)*" if part == "**" else "/" + _token_regex(part) for part in parts))


def _token_regex(part: str) -> str:
    return "[^/]*".join(re.escape(piece) for piece in re.split(r"\*+", part))
