"""Strict reading of JSON: the value if it is valid, otherwise all mistakes, each with its place."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Finding
from liftgate.domain.json_text.likely import likely_value
from liftgate.domain.json_text.nesting import is_deeper
from liftgate.domain.json_text.pointer import MISSING, escape, leaves, split
from liftgate.domain.json_text.scanner import MAX_DEPTH, MAX_FAULTS, MAX_POINTER, Fault, Node, Scanner
from liftgate.domain.json_text.tokens import LARGEST_INTEGER, number_fault
from liftgate.errors import Refused

MAX_BYTES: Final = 1024 * 1024
"""The largest ConfigMap that Kubernetes accepts; a larger values file cannot be used."""

_MANY_DIGITS: Final = re.compile("[0-9]{16}")
"""What the text of every integer beyond 2^53 has."""
_LARGE: Final = "The integer is beyond 2^53, where many JSON readers round: a string is safe."


@dataclass(frozen=True)
class Document:
    """One JSON text. `value` is None while there are violations: a broken file proves nothing."""

    name: str
    text: str
    value: Json
    violations: tuple[Finding, ...]

    def locate(self, pointer: str) -> tuple[int, int]:
        """(line, column) from 1, of the key or element at the pointer, or of the nearest value above it."""
        node = self.root
        for token in split(pointer):
            below = node.child(token)
            if below is None:
                break
            node = below
        return self._position(node.key_start if node.key_start >= 0 else node.start)

    def place(self, pointer: str) -> str:
        """`name:line:column` of the pointer, for findings."""
        return ":".join([*([self.name] if self.name else []), *map(str, self.locate(pointer))])

    @cached_property
    def mended(self) -> Document | None:
        """The same text with the value that it most likely has: only to find more mistakes in it. None if unclear."""
        if not self.violations:
            return self
        value = likely_value(self.text)
        return None if value is MISSING else Document(self.name, self.text, value, ())

    @cached_property
    def root(self) -> Node:
        return Scanner(self.text).root or Node(0, len(self.text))

    @cached_property
    def spans(self) -> dict[str, tuple[int, int]]:
        """Pointer -> `(start, end)` of its value in the text."""
        return dict(_spans(self.root))

    @property
    def large_integers(self) -> tuple[Finding, ...]:
        """A warning for each integer beyond 2^53: it stays as it is written, but many readers round it."""
        if not _MANY_DIGITS.search(self.text):
            return ()
        found = (pointer for pointer, leaf in leaves(self.value, "", arrays=True) if _is_large(leaf))
        return tuple(
            Finding(
                place=self.place(each),
                rule="integer-range",
                message=f"at {each or 'the root'}: {_LARGE}",
                blocking=False,
            )
            for each in found
        )

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def read_json(data: bytes, *, name: str = "") -> Document:
    """Never raises: `violations` has the mistakes, in the order of the text."""
    text, fault = _decode(data)
    if text is None:
        return _faulty(Document(name, "", None, ()), [fault] if fault else [])
    if fault is None and (value := _quick(text)) is not _BROKEN and not _needs_a_look(text, value):
        return Document(name, text, value, ())
    scanner = Scanner(text)
    faults = [*([fault] if fault else []), *sorted(scanner.faults, key=lambda each: each.at)]
    if not faults:
        return Document(name, text, json.loads(text), ())
    return _faulty(Document(name, text, None, ()), faults)


def sound(data: bytes, *, name: str = "") -> Document:
    """The same, but raises Refused with the first violation if there is one."""
    document = read_json(data, name=name)
    if document.violations:
        more = f" (and {len(document.violations) - 1} more)" if len(document.violations) > 1 else ""
        first = document.violations[0]
        raise Refused(f"{first.place}: {first.message}{more}")
    return document


def _faulty(document: Document, faults: list[Fault]) -> Document:
    findings = [_finding(document, fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) >= MAX_FAULTS:
        findings.append(Finding(place=findings[-1].place, rule="too-many", message="There may be more mistakes."))
    return Document(document.name, document.text, None, tuple(findings))


def _finding(document: Document, fault: Fault) -> Finding:
    line, column = document._position(fault.at)  # noqa: SLF001
    place = f"{document.name}:{line}:{column}" if document.name else f"{line}:{column}"
    first = "" if fault.first < 0 else " First at {}:{}.".format(*document._position(fault.first))  # noqa: SLF001
    pointer = fault.pointer if len(fault.pointer) <= 200 else fault.pointer[:199] + "…"
    message = f"at {pointer or 'the root'}: {fault.message}{first}"
    return Finding(place=place, rule=fault.rule, message=message, pointer=pointer)


def _decode(data: bytes) -> tuple[str | None, Fault | None]:
    if len(data) > MAX_BYTES:
        message = f"The file has {len(data)} bytes; the limit is {MAX_BYTES} (what a ConfigMap can hold)."
        return None, Fault(0, "size", message, "")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4]:
        return None, Fault(0, "encoding", "The file is UTF-16 or UTF-32: save it as UTF-8.", "")
    if data.startswith(b"\xef\xbb\xbf"):
        fault = Fault(0, "bom", "The file starts with a byte order mark: save it as UTF-8 without one.", "")
        return data[3:].decode("utf-8", "replace"), fault
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as broken:
        text = data.decode("utf-8", "replace")
        at = len(data[: broken.start].decode("utf-8"))
        return text, Fault(at, "encoding", f"The byte 0x{data[broken.start]:02x} is not UTF-8 here.", "")


class _BrokenError(ValueError):
    """Whether the text needs the scanner, which finds the mistake and its place."""


_BROKEN: Final = object()


def _quick(text: str) -> Json:
    if is_deeper(text, MAX_DEPTH):
        return _BROKEN
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_reject,
            parse_int=_int,
            parse_float=_float,
        )
    except ValueError:
        return _BROKEN


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _BrokenError
    return members


def _reject(_constant: str) -> Json:
    raise _BrokenError


def _int(number: str) -> int:
    if len(number) > 300 and number_fault(number):
        raise _BrokenError
    return int(number)


def _float(number: str) -> float:
    value = float(number)
    if (value == 0 or value - value != 0) and number_fault(number):
        raise _BrokenError
    return value


def _needs_a_look(text: str, value: Json) -> bool:
    return re.search(r"\\u[dD][89a-fA-F]", text) is not None or _is_too_large(value)


def _is_too_large(value: Json) -> bool:
    todo = [(value, 0)]
    while todo:
        container, length = todo.pop()
        if not isinstance(container, dict | list):
            continue
        for token, child in _members(container):
            below = length + 1 + len(token)
            if below > MAX_POINTER // 2 and below + token.count("~") + token.count("/") > MAX_POINTER // 2:
                return True
            if isinstance(child, dict | list):
                todo.append((child, below))
    return False


def _is_large(value: Json) -> bool:
    return type(value) is int and abs(value) > LARGEST_INTEGER


def _members(container: dict[str, Json] | list[Json]) -> Iterator[tuple[str, Json]]:
    if isinstance(container, dict):
        return iter(container.items())
    return ((str(index), child) for index, child in enumerate(container))


def _spans(root: Node) -> Iterator[tuple[str, tuple[int, int]]]:
    todo = [("", root)]
    while todo:
        pointer, node = todo.pop()
        yield pointer, (node.start, node.end)
        todo.extend((f"{pointer}/{escape(child.token)}", child) for child in node)
