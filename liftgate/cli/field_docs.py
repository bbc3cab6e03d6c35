"""The text below each field of a model, from its source."""

from __future__ import annotations

import ast
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """By name of the field, on one line, with the fields of the classes it is made from."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            found |= _of_module(each.__module__).get(each.__name__, {})
    return found


@cache
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """By class and field."""
    found: dict[str, dict[str, str]] = {}
    source = Path(str(sys.modules[name].__file__)).read_text()
    for node in ast.parse(source).body:
        for field, after in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
            target = field.target if isinstance(field, ast.AnnAssign) else None
            text = after.value if isinstance(after, ast.Expr) else None
            if isinstance(node, ast.ClassDef) and isinstance(target, ast.Name) and isinstance(text, ast.Constant):
                found.setdefault(node.name, {})[target.id] = " ".join(str(text.value).split())
    return found
