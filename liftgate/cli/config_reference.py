"""The reference of `liftgate.json`: its JSON Schema and its page, from the models and one example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, get_args

from liftgate.cli.field_docs import field_docs
from liftgate.domain.common.value import Value
from liftgate.domain.config.configuration import Configuration

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_INTRO: Final = """# liftgate.json

The file at the root of the configuration repository. Only `environments` is required. `liftgate validate` names every
mistake with its line and the nearest right word. `liftgate init` writes the JSON Schema of the file beside it, so that
an editor completes keys and shows mistakes.

In the tables `*` stands for a name, and `[]` for each element of a list.
"""
_WORDS: Final = {"object": "object", "array": "list", "string": "text", "integer": "number", "boolean": "true or false"}
_LONGEST: Final = 60


def config_schema() -> str:
    """The JSON Schema as it is shipped."""
    return json.dumps({"$schema": _DIALECT, "title": "liftgate.json", **_schema()}, indent=2) + "\n"


def config_page() -> str:
    """A table for each key at the top, and the whole example."""
    text = files("liftgate.schemas").joinpath("liftgate.example.json").read_text()
    example, schema = json.loads(text), _schema()
    lines = [_INTRO, "## Example", "```json", text.rstrip(), "```"]
    for name, part in schema["properties"].items():
        lines += ["", f"## {name}", part["description"], ""]
        lines += ["| key | type | default | meaning | example |", "|---|---|---|---|---|"]
        lines += _rows(name, part, example[name], schema)
    return "\n".join([*lines, ""])


def _schema() -> dict[str, Any]:
    schema = Configuration.model_json_schema(by_alias=True)
    models = {model.__name__: model for model in _models(Configuration)}
    for name, part in {"Configuration": schema, **schema["$defs"]}.items():
        _describe(part, models[name])
    tidy: dict[str, Any] = _tidy(schema)
    return tidy


def _models(annotation: Any) -> Iterator[type[Value]]:
    """The models in the type, and in the fields of these models."""
    for inner in get_args(annotation):
        yield from _models(inner)
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)


def _describe(part: dict[str, Any], model: type[Value]) -> None:
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        shown = part.get("properties", {}).get(field.alias or name)
        if shown is not None:
            shown["description"] = docs[name]


def _tidy(part: Any) -> Any:
    """Without pydantic's titles, and without null: a key that means nothing is left out."""
    if isinstance(part, list):
        return [_tidy(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _tidy(value) for key, value in part.items() if not (key == "title" and isinstance(value, str))}
    if "default" in kept and kept["default"] is None:
        del kept["default"]
    choices = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        kept = choices[0] | kept
    return kept


def _rows(path: str, part: Mapping[str, Any], example: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """The key and, after it, all keys below it."""
    whole = _resolved(part, schema)
    if "description" in part or not any(key in whole for key in ("properties", "items", "additionalProperties")):
        yield f"| `{path}` | {_type(whole)} | {_default(part)} | {part.get('description', '')} | {_short(example)} |"
    if isinstance(below := whole.get("additionalProperties"), dict) and example:
        yield from _rows(f"{path}.*", _resolved(below, schema), _first(example), schema)
    if isinstance(items := whole.get("items"), dict) and "object" in _type(_resolved(items, schema)):
        yield from _rows(f"{path}[]", _resolved(items, schema), _widest(example), schema)
    for name, inner in whole.get("properties", {}).items():
        if isinstance(example, dict):
            yield from _rows(f"{path}.{name}", inner, _example_of(example, name), schema)


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = str(part.get("$ref", ""))
    return {**schema["$defs"][reference.rpartition("/")[2]], **part} if reference else part


def _type(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return " or ".join(f"`{each}`" for each in part["enum"])
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(each) for each in part["anyOf"]))
    word = "day" if part.get("format") == "date" else _WORDS.get(str(part.get("type")), "")
    items = part.get("items", {})
    return f"{word} of {_type(items)}" if word == "list" and "type" in items else word


def _default(part: Mapping[str, Any]) -> str:
    default = part.get("default")
    return "" if default in (None, "", [], {}) else _short(default)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`".replace("|", "\\|") if len(text) <= _LONGEST else ""


def _first(example: Mapping[str, Any]) -> Any:
    """The member with the most keys shows the most."""
    return max(example.values(), key=lambda each: len(each) if isinstance(each, dict) else 0)


def _widest(example: Any) -> Any:
    return max(example, key=lambda each: len(each) if isinstance(each, dict) else 0) if example else {}


def _example_of(example: Mapping[str, Any], name: str) -> Any:
    return example.get(name, "")
