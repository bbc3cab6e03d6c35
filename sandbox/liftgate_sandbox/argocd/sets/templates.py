"""The templates of ApplicationSets, as far as environment repositories use them: names, paths and list items."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.sets.errors import ParamsError

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_INDEX = re.compile(r"index\s+\.([\w.-]+)\s+(\d+)")
_FIELD = re.compile(r"\.([\w.-]+)")
_PLAIN = re.compile(r"([\w.-]+)(?:\[(\d+)\])?")


def fill(template: Any, params: Object, *, go: bool) -> Any:
    """`template` with the actions in all its strings replaced; ParamsError for one that cannot be."""
    if isinstance(template, dict):
        return {fill(name, params, go=go): fill(value, params, go=go) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(item, params, go=go) for item in template]
    if not isinstance(template, str):
        return template
    replace: Callable[[re.Match[str]], str] = lambda found: _action(found, params) if go else _simple(found, params)  # noqa: E731
    return _ACTION.sub(replace, template)


def _action(found: re.Match[str], params: Object) -> str:
    """Go's template language: `.path.basename` and `index .path.segments 1`."""
    action = found[1]
    if indexed := _INDEX.fullmatch(action):
        return str(_item(_value(params, indexed[1], action), int(indexed[2]), action))
    if field := _FIELD.fullmatch(action):
        return str(_value(params, field[1], action))
    raise ParamsError(f"failed to parse template {found[0]}: this stand-in knows fields and index only")


def _simple(found: re.Match[str], params: Object) -> str:
    """The older language: `path.basename`, `path[1]`; what is not known stays as it is."""
    named = _PLAIN.fullmatch(found[1])
    if named is None:
        return found[0]
    name = "path.segments" if named[2] and named[1] == "path" else "path.path" if named[1] == "path" else named[1]
    try:
        value = _value(params, name, found[1])
        return str(_item(value, int(named[2]), found[1]) if named[2] else value)
    except ParamsError:
        return found[0]


def _value(params: Object, path: str, action: str) -> Any:
    value: Any = params
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            where = f'executing "" at <.{path}>'
            problem = f'template: :1:2: {where}: map has no entry for key "{name}"'
            raise ParamsError(f"failed to execute go template {{{{{action}}}}}: {problem}")
        value = value[name]
    return value


def _item(value: Any, number: int, action: str) -> Any:
    if not isinstance(value, list) or number >= len(value):
        problem = f"error calling index: index out of range: {number}"
        raise ParamsError(f"failed to execute go template {{{{{action}}}}}: {problem}")
    return value[number]
