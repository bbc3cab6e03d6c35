"""The syntax of the code, for the tests that judge its shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements below the node, at every depth. Expressions, most of a tree, contain none and are passed over."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        below = getattr(node, part, ())
        for each in below if isinstance(below, list) else ():
            if isinstance(each, ast.stmt):
                yield each
            yield from statements(each)
