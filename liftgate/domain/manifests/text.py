"""Manifests as YAML: written with comments for people, read with the place of every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml
from pydantic import Field

from liftgate.domain.common.value import Json, Value
from liftgate.domain.manifests.project import ROLE, rbac
from liftgate.errors import Refused

_MAX: Final = 1024 * 1024
_MOST: Final = 100_000
"""The limit of values in a document."""
_WIDTH: Final = 120
_OPEN, _CLOSE = "\ue000", "\ue001"
_SHELL: Final = re.compile(r"\$\{([^}\n]*)\}")

Keys = tuple[str | int, ...]


class Manifest(Value):
    """One document of a file."""

    file: str
    value: dict[str, Any]
    marks: dict[Keys, tuple[int, int]] = Field(default_factory=dict)
    """Line and column of each value, from 1."""

    @property
    def kind(self) -> str:
        return str(self.value.get("kind"))

    @property
    def name(self) -> str:
        return str(self.at("metadata").get("name", ""))

    def at(self, *keys: str) -> dict[str, Any]:
        """The object at the keys; an empty one if there is none."""
        found: Any = self.value
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, dict) else {}

    def place(self, *keys: str | int) -> str:
        """`file:line:column` of the value, or of the nearest existing value around it."""
        while keys and keys not in self.marks:
            keys = keys[:-1]
        line, column = self.marks.get(keys, (1, 1))
        return f"{self.file}:{line}:{column}"


def write_manifests(document: Json) -> str:
    """The document as YAML; a comment above a project says how its role gets a token."""
    text = yaml.safe_dump(document, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return _about(document["metadata"]["name"]) + text if document["kind"] == "AppProject" else text


def _about(project: str) -> str:
    lines = [
        "What these applications may do, and the role whose token Liftgate uses:",
        f"  argocd proj role create-token {project} {ROLE} --expires-in 2160h",
        "Or, with an account (accounts.liftgate: apiKey in argocd-cm), as policy.csv of argocd-rbac-cm:",
        *(f"  {line}" for line in rbac(project)),
    ]
    return "".join(f"# {line}\n" for line in lines)


def stream(documents: Mapping[str, Json], missing: Mapping[str, str]) -> str:
    """One stream for `kubectl apply -f -`; missing files of the repository follow as comments."""
    text = "---\n".join(write_manifests(document) for document in documents.values())
    for path, content in missing.items():
        body = "".join(f"#   {line}".rstrip() + "\n" for line in content.splitlines())
        text += f"# The repository lacks {path}; add it (--out DIR writes it):\n{body}"
    return text


def read_manifests(text: str, file: str) -> list[Manifest]:
    """Every document that is an object. Raises Refused with the place of invalid YAML."""
    if len(text) > _MAX:
        raise Refused(f"{file}: larger than {_MAX // 1024} KiB")
    try:
        return list(_documents(text, file))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise Refused(f"{place}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise Refused(f"{file}: not YAML") from None


def _documents(text: str, file: str) -> Iterator[Manifest]:
    # `${env}` within { } is not YAML; it is accepted here so that other mistakes are found too.
    for node in yaml.compose_all(_SHELL.sub(rf"${_OPEN}\1{_CLOSE}", text), yaml.SafeLoader):
        if _size(node, {}) >= _MOST:
            raise Refused(f"{file}: not YAML: aliases make it too large")
        value = _restored(yaml.SafeLoader("").construct_document(node))
        for at, one in enumerate(_items(value)):
            inner = _item(node, at) if one is not value else node
            yield Manifest(file=file, value=one, marks=_marks(inner))


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """The number of nodes with every alias expanded; _MOST if there are more, or a node contains itself."""
    if id(node) not in known:
        known[id(node)] = _MOST
        known[id(node)] = min(_MOST, 1 + sum(_size(value, known) for _, _, value in _members(node)))
    return known[id(node)]


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_OPEN, "{").replace(_CLOSE, "}")
    if isinstance(value, dict):
        return {_restored(key): _restored(inner) for key, inner in value.items()}
    return [_restored(inner) for inner in value] if isinstance(value, list) else value


def _items(value: Any) -> Sequence[dict[str, Any]]:
    """The object, or the objects of a List."""
    if not isinstance(value, dict):
        return ()
    inner = value.get("items")
    if value.get("kind") == "List" and isinstance(inner, list):
        return [each for each in inner if isinstance(each, dict)]
    return (value,)


def _item(node: yaml.Node, at: int) -> yaml.Node:
    items = next(value for key, value in node.value if key.value == "items")
    return [each for each in items.value if isinstance(each, yaml.MappingNode)][at]


def _marks(top: yaml.Node) -> dict[Keys, tuple[int, int]]:
    """Where each value starts; the place of an object's member is its key."""
    found: dict[Keys, tuple[int, int]] = {(): _place(top)}
    waiting: list[tuple[Keys, yaml.Node]] = [((), top)]
    while waiting:
        keys, node = waiting.pop()
        for part, at, value in _members(node):
            found[*keys, part] = _place(at)
            waiting.append(((*keys, part), value))
    return found


def _members(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), key, value) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        yield from ((at, value, value) for at, value in enumerate(node.value))


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
