"""What the tests that judge the shape of the code look at: of each file its imports and its functions.

The trees are not kept: a million objects that stay make each search for garbage take long.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
OURS: Final = ("flows", "tasks", "liftgate", "worker", "tools", "deployments")
"""The product's own code."""


class Function(NamedTuple):
    name: str
    line: int
    lines: int
    """How many it has after the first one."""
    decorators: tuple[str, ...]
    imports: tuple[str, ...]


class File(NamedTuple):
    imports: tuple[str, ...]
    """The modules by name, at every depth; a relative name begins with a dot."""
    functions: tuple[Function, ...]


@cache
def parsed(file: Path) -> File:
    tree = ast.parse(file.read_bytes())
    functions = (node for node in _statements(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return File(tuple(_imported(tree)), tuple(map(_function, functions)))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    decorators = tuple(ast.unparse(each) for each in node.decorator_list)
    return Function(node.name, node.lineno, (node.end_lineno or 0) - node.lineno, decorators, tuple(_imported(node)))


def _imported(node: ast.AST) -> Iterator[str]:
    for each in _statements(node):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield "." * each.level + (each.module or "")


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements below the node, at every depth. Expressions, most of a tree, contain none and are passed over."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        below = getattr(node, part, ())
        for each in below if isinstance(below, list) else ():
            if isinstance(each, ast.stmt):
                yield each
            yield from _statements(each)
