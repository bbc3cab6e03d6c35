"""Plain manifests in a directory, with Argo CD's rules for what is not a manifest."""

from __future__ import annotations

import fnmatch
import json
import re
from functools import lru_cache
from typing import Any

import yaml

from liftgate_sandbox.argocd.kube import Object, copied
from liftgate_sandbox.argocd.repository import Files

_SKIP = b"+argocd:skip-file-rendering"


class RenderError(Exception):
    """The source gives no manifests; `code` is the gRPC code that Argo CD reports."""

    def __init__(self, text: str, code: str = "Unknown") -> None:
        super().__init__(text)
        self.code = code


def render_directory(files: Files, folder: str, source: Object) -> list[Object]:
    """Every object of the YAML and JSON files directly in `folder` (below it with `directory.recurse`)."""
    options = source.get("directory") or {}
    found: list[Object] = []
    for name, content in sorted(files.items()):
        inner = _inside(name, folder)
        if inner and _wanted(inner, options) and _SKIP not in content:
            found += _documents(inner, content)
    return found


def _inside(name: str, folder: str) -> str:
    if not folder:
        return name
    return name.removeprefix(f"{folder}/") if name.startswith(f"{folder}/") else ""


def _wanted(inner: str, options: Object) -> bool:
    if "/" in inner and not options.get("recurse"):
        return False
    if options.get("exclude") and fnmatch.fnmatch(inner, options["exclude"]):
        return False
    if options.get("include") and not fnmatch.fnmatch(inner, options["include"]):
        return False
    return inner.endswith((".yaml", ".yml", ".json"))


def _documents(name: str, content: bytes) -> list[Object]:
    if name.endswith(".json"):
        return _json_document(name, content)
    try:
        documents = documents_of(content)
    except yaml.YAMLError as error:
        text = f'Failed to unmarshal "{name}": failed to unmarshal manifest: {yaml_problem(error)}'
        raise RenderError(text, "FailedPrecondition") from error
    objects = [one for one in documents if isinstance(one, dict) and "apiVersion" in one and "kind" in one]
    return [item for one in objects for item in items_of(one)]


def _json_document(name: str, content: bytes) -> list[Object]:
    # An object without a kind is no error here: since 3.1 such a file may be an OCI manifest,
    # and only the controller stumbles over it.
    try:
        found = json.loads(content)
    except ValueError as error:
        text = f'Failed to unmarshal "{name}": {error}'
        raise RenderError(text, "FailedPrecondition") from error
    if not isinstance(found, dict):
        kind = "array" if isinstance(found, list) else type(found).__name__
        wrong = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        text = f'Failed to unmarshal "{name}": {wrong}'
        raise RenderError(text, "FailedPrecondition")
    return items_of(found)


def documents_of(content: bytes) -> list[Any]:
    """What a YAML file holds, without empty documents. Raises yaml.YAMLError."""
    return [copied(one) for one in _read(content) if one]


@lru_cache(maxsize=128)
def _read(content: bytes) -> list[Any]:
    """Manifests stay the same from commit to commit, and PyYAML takes ten times as long as all the rest."""
    return list(yaml.safe_load_all(content))


def items_of(obj: Object) -> list[Object]:
    """The objects of a List, or the object itself."""
    return list(obj["items"]) if isinstance(obj.get("items"), list) else [obj]


def yaml_problem(error: yaml.YAMLError) -> str:
    """The message that Go's YAML gives for the same mistake."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", "") or error)
    problem = re.sub(r", but (got|found) .*", "", problem).replace("expected the", "expected")
    problem = problem.replace("expected", "did not find expected", 1)
    # Go counts lines from 0 and names none for the first; its scanner counts one more than its parser.
    line = mark.line + isinstance(error, yaml.scanner.ScannerError) if mark and mark.line else 0
    where = f"line {line}: " if line else ""
    return f"error converting YAML to JSON: yaml: {where}{problem}"
