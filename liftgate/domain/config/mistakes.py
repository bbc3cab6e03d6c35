"""The mistakes of `liftgate.json`: each with its place, and what is left of the file without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Finding
from liftgate.domain.json_text.pointer import MISSING, find, join
from liftgate.domain.json_text.strict import Document

Keys = tuple[str | int, ...]
RULE: Final = "configuration"


class Mistake(NamedTuple):
    keys: Keys
    """The way to the wrong value, from the value that is checked."""
    said: str


class Mistakes(ValueError):
    """Several mistakes that one validator of pydantic found."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__("; ".join(map(dotted, found)))
        self.found = tuple(found)


def raise_all(mistakes: Iterable[Mistake]) -> None:
    """Raise all of them at once, for a validator of pydantic."""
    if found := list(mistakes):
        raise Mistakes(found)


class Rest:
    """A file without its mistakes: an entry with a mistake is left out, or else its whole block.

    A name in `people` and `policy` stays, without what it says, because other entries refer to it.
    """

    def __init__(self, value: dict[str, Json]) -> None:
        self._value = dict(value)

    @property
    def value(self) -> dict[str, Json]:
        return {
            name: [each for each in block if each is not MISSING] if isinstance(block, list) else block
            for name, block in self._value.items()
        }

    def written(self, keys: Keys) -> Keys:
        """The way in the whole file, for one in `value`."""
        block = self._value.get(str(keys[0])) if len(keys) > 1 else None
        if not isinstance(block, list) or not isinstance(keys[1], int):
            return keys
        left = [number for number, each in enumerate(block) if each is not MISSING]
        return (keys[0], left[keys[1]], *keys[2:])

    def drop(self, keys: Keys) -> None:
        """Leave out what is wrong at this way in the whole file."""
        top, entry = str(keys[0]) if keys else "", keys[1] if len(keys) > 1 else None
        block = self._value.get(top)
        if top in ("people", "policy") and isinstance(block, dict) and block.get(entry):
            self._value[top] = block | {entry: {}}
        elif isinstance(block, dict) and entry in block and top in ("people", "policy", "applications"):
            self._value[top] = {name: each for name, each in block.items() if name != entry}
        elif isinstance(block, list) and isinstance(entry, int) and top in ("rules", "pins", "allow"):
            self._value[top] = [MISSING if number == entry else each for number, each in enumerate(block)]
        else:
            self._value.pop(top, None)


def mistakes_of(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    found: list[Mistake] = []
    for item in error.errors(include_input=False):
        raised = item.get("ctx", {}).get("error")
        if isinstance(raised, Mistakes):
            found += [Mistake((*item["loc"], *keys), said) for keys, said in raised.found]
        else:
            found.append(Mistake(item["loc"], _said(dict(item), model)))
    return found


def at(keys: Keys, message: str, document: Document) -> Finding:
    """The finding at the wrong value, or at the nearest one above it that is there."""
    ways = (join(map(str, keys[:length])) for length in range(len(keys), 0, -1))
    pointer = next((each for each in ways if find(document.value, each) is not MISSING), "")
    return Finding(place=document.place(pointer), rule=RULE, message=message, pointer=pointer)


def dotted(mistake: Mistake) -> str:
    """`policy.prod.soak: is missing`."""
    place = ".".join(map(str, mistake.keys))
    return f"{place}: {mistake.said}" if place else mistake.said


def _said(item: dict[str, Any], model: type[BaseModel]) -> str:
    if item["type"] == "extra_forbidden":
        *above, key = map(str, item["loc"])
        return f"unknown key; {nearest(key, _known_keys(model, above))}"
    return _WRONG.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")


_WRONG: Final = {
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "string_type": "must be text in quotes",
    "missing": "is missing",
}
"""Replacements for pydantic's sentences that name Python types, by error type."""


def _known_keys(model: type[BaseModel], above: Sequence[str]) -> set[str]:
    """The keys that an object at this place can have."""
    kinds: list[Any] = [model]
    for key in above:
        kinds = [below for kind in kinds for below in _below(kind, key)]
    return {field.alias or name for kind in kinds if _is_model(kind) for name, field in kind.model_fields.items()}


def _below(kind: Any, key: str) -> Iterator[Any]:
    """The types of the value under the key or index."""
    if _is_model(kind):
        named = (field.annotation for name, field in kind.model_fields.items() if key == (field.alias or name))
        yield from (each for found in named for each in _alternatives(found))
    elif get_origin(kind) in (dict, tuple, list):
        yield from _alternatives(get_args(kind)[1 if get_origin(kind) is dict else 0])


def _alternatives(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        yield from (each for one in get_args(kind) for each in _alternatives(one))
    else:
        yield kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
