"""Whether requests are as GitHub's own descriptions have them, that of github.com and that of GitHub Enterprise Server;
`tools/github_openapi.py` makes the files that are read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from jsonschema import Draft4Validator
from liftgate_sandbox.forge.core import Request

FILES: Final = sorted((Path(__file__).parent / "cases" / "github-openapi").glob("*.json"))
OURS: Final = "Liftgate/"
_REFUSED_BY_NAME: Final = ("ghes-", ".actor_type: 'User' is not one of")
"""An Enterprise Server takes no single user as bypass of a ruleset. `liftgate protect` says what it takes instead."""
_WITH_SLASHES: Final = ("ref", "branch")
_BY_NUMBER: Final = re.compile(r"^/repositories/\d+")
"""Where GitHub redirects to from a renamed repository: the description does not have it."""


@cache
def paths(file: Path) -> Mapping[re.Pattern[str], Mapping[str, Any]]:
    """The most exact ones first."""
    described = json.loads(file.read_bytes())["paths"]
    exact_first = sorted(described, key=lambda path: len(re.sub(r"\{.*?\}", "", path)), reverse=True)
    return {_expression(path): described[path] for path in exact_first}


def _expression(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(.*?)\}", path)
    named = (".+" if name in _WITH_SLASHES else "[^/]+" for name in parts[1::2])
    return re.compile("".join(chain.from_iterable(zip_longest(map(re.escape, parts[::2]), named, fillvalue=""))))


def misfits(requests: Iterable[Request]) -> list[str]:
    """A line for each different fault in a request of our client."""
    ours = (each for each in requests if each.agent.startswith(OURS))
    found = dict.fromkeys(fault for each in ours for fault in faults(each))
    server, refused = _REFUSED_BY_NAME
    return [fault for fault in found if not (fault.startswith(server) and refused in fault)]


def faults(request: Request) -> Iterable[str]:
    return (fault for file in FILES for fault in _faults(file, request))


def _faults(file: Path, request: Request) -> Iterable[str]:
    where = f"{file.stem}: {request.method} {request.path}"
    path = unquote(_BY_NUMBER.sub("/repos/owner/name", request.path))
    described = next((methods for pattern, methods in paths(file).items() if pattern.fullmatch(path)), {})
    operation = described.get(request.method.lower())
    if operation is None:
        yield f"{where}: GitHub has no such request, or tools/github_openapi.py does not list it"
        return
    for name, value in request.query.items():
        if name not in operation["query"]:
            yield f"{where}: no parameter {name}"
            continue
        schema = operation["query"][name]
        yield from (f"{where}: {name}: {each.message}" for each in _errors(_read(value, schema), schema))
    if request.body:
        found = _errors(json.loads(request.body), operation["body"]) if "body" in operation else ()
        yield from (f"{where}: {each.json_path}: {each.message}" for each in found)
    if request.body and "body" not in operation:
        yield f"{where}: takes no body"


def _errors(value: Any, schema: Any) -> Iterable[Any]:
    return Draft4Validator(schema).iter_errors(value)


def _read(value: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text as the type that it stands for."""
    return json.loads(value) if schema.get("type") in ("integer", "boolean") else value
