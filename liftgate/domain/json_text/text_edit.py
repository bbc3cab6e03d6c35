"""Edits of JSON text: every byte outside the edits stays the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit, position
from liftgate.domain.json_text.pointer import split
from liftgate.domain.json_text.scanner import Node, Scanner
from liftgate.domain.json_text.strict import Document
from liftgate.domain.json_text.style import Style, style_of
from liftgate.errors import Refused


def apply_edits(document: Document, edits: Sequence[Edit]) -> str:
    """The document's text after the edits, in their order; raises Refused if the place of an edit does not exist.

    It does not check `before`: `liftgate.domain.json_text.edit.apply_to_value` does.
    """
    if document.violations:
        raise Refused(f"{document.violations[0]}: correct the file first.")
    text, root = document.text, document.root
    tree = _Editor(style_of(text))
    top = _Part(text[root.start : root.end], root, text)
    for edit in edits:
        tree.apply(top, edit)
    return text[: root.start] + str(top) + text[root.end :]


@dataclass
class _Part:
    """One value: its text, or its parts after a change inside it."""

    text: str
    node: Node | None = None
    source: str = ""
    margin: str | None = None
    opened: _Opened | None = None

    def __str__(self) -> str:
        return str(self.opened) if self.opened else self.text

    @property
    def value(self) -> Json:
        return json.loads(str(self))


@dataclass
class _Member:
    """`lead` is the space before it, `head` its key up to the value, `trail` the space up to the comma."""

    lead: str
    head: str
    token: str
    part: _Part
    trail: str = ""


@dataclass
class _Opened:
    """A container in pieces, so that adding and removing members does not read the rest of the text."""

    brackets: str
    members: list[_Member] = field(default_factory=list)
    tail: str = ""
    index: dict[str, _Member] = field(default_factory=dict)

    def __str__(self) -> str:
        inside = ",".join(f"{each.lead}{each.head}{each.part}{each.trail}" for each in self.members)
        return f"{self.brackets[0]}{inside}{self.tail}{self.brackets[1]}"

    @property
    def is_object(self) -> bool:
        return self.brackets == "{}"


class _Editor:
    def __init__(self, style: Style) -> None:
        self.style = style

    def apply(self, top: _Part, edit: Edit) -> None:
        tokens = split(edit.pointer)
        top.margin = None if self.style.indent is None else ""
        if not tokens:
            self.replace(top, edit.value)
            return
        part = top
        for token in tokens[:-1]:
            part = self._child(part, token, edit).part
        self._change(part, tokens[-1], edit)

    def _change(self, part: _Part, token: str, edit: Edit) -> None:
        opened = self._open(part, edit)
        if edit.op == "add" and token not in opened.index:
            at = len(opened.members) if opened.is_object else position(token, len(opened.members), edit)
            self._insert(part, opened, at, (token, edit.value))
        elif edit.op == "remove":
            self._remove(opened, self._child(part, token, edit))
        else:
            self.replace(self._child(part, token, edit).part, edit.value)

    def replace(self, part: _Part, value: Json) -> None:
        """Change as few lines as possible: containers of the same kind are changed member by member."""
        old = part.value
        if same(old, value):
            return
        if isinstance(old, dict) and isinstance(value, dict) and old and value:
            self._morph_object(part, value)
        elif isinstance(old, list) and isinstance(value, list) and old and value:
            self._morph_array(part, old, value)
        else:
            inline = isinstance(old, dict | list) and bool(old) and "\n" not in str(part)
            part.text = self.style.render(value, margin=None if inline else part.margin)
            part.node, part.source, part.opened = None, "", None

    def _morph_object(self, part: _Part, value: dict[str, Json]) -> None:
        opened = self._open(part)
        for member in [each for each in opened.members if each.token not in value]:
            self._remove(opened, member)
        for key, below in value.items():
            if key in opened.index:
                self.replace(opened.index[key].part, below)
            else:
                self._insert(part, opened, len(opened.members), (key, below))

    def _morph_array(self, part: _Part, old: list[Json], value: list[Json]) -> None:
        opened = self._open(part)
        shorter = min(len(old), len(value))
        head = next((at for at in range(shorter) if not same(old[at], value[at])), shorter)
        rest = range(shorter - head)
        tail = next((at for at in rest if not same(old[-1 - at], value[-1 - at])), shorter - head)
        common = shorter - head - tail
        for at in range(head, head + common):
            self.replace(opened.members[at].part, value[at])
        for member in opened.members[head + common : len(old) - tail]:
            self._remove(opened, member)
        for at in range(head + common, len(value) - tail):
            self._insert(part, opened, at, ("", value[at]))

    def _child(self, part: _Part, token: str, edit: Edit) -> _Member:
        opened = self._open(part, edit)
        if not opened.is_object:
            return opened.members[position(token, len(opened.members), edit.copy_with(op="replace"))]
        if token not in opened.index:
            raise Refused(f"{edit.pointer} does not exist, so it cannot be changed.")
        return opened.index[token]

    def _open(self, part: _Part, edit: Edit | None = None) -> _Opened:
        if part.opened is None:
            if part.node is None:
                part.node, part.source = Scanner(part.text).root, part.text
            if part.node is None or part.node.children is None:
                raise Refused(f"{edit.pointer if edit else 'A value'} cannot be added: the object above it is missing.")
            part.opened = _opened(part, part.node)
        return part.opened

    def _insert(self, part: _Part, opened: _Opened, at: int, member: tuple[str, Json]) -> None:
        token, value = member
        lead, margin = self._lead(part, opened, at)
        head = json.dumps(token, ensure_ascii=self.style.ascii_only) + self.style.colon if opened.is_object else ""
        new = _Member(lead, head, token, _Part(self.style.render(value, margin=margin), margin=margin))
        if at == len(opened.members) > 1:
            opened.members[-1].trail = opened.members[0].trail
        if at == 0 < len(opened.members) == 1 and "\n" not in opened.members[0].lead:
            opened.members[0].lead = self.style.comma[1:]
        opened.members.insert(at, new)
        if opened.is_object:
            opened.index[token] = new

    def _lead(self, part: _Part, opened: _Opened, at: int) -> tuple[str, str | None]:
        """The white space before a new member, and the margin of its own lines."""
        if not opened.members:
            if part.margin is None or self.style.indent is None:
                return "", None
            opened.tail = self.style.newline + part.margin
            margin = part.margin + self.style.indent
            return self.style.newline + margin, margin
        neighbour = opened.members[min(at, len(opened.members) - 1)].lead
        if "\n" in neighbour:
            margin = neighbour[neighbour.rindex("\n") + 1 :]
            return self.style.newline + margin, margin
        only = len(opened.members) == 1 and at > 0
        return (neighbour or self.style.comma[1:]) if only else neighbour, None

    def _remove(self, opened: _Opened, member: _Member) -> None:
        at = next(at for at, each in enumerate(opened.members) if each is member)
        if at == 0 and len(opened.members) > 1 and "\n" not in opened.members[1].lead:
            opened.members[1].lead = member.lead
        if at > 0 and at == len(opened.members) - 1:
            opened.members[-2].trail = member.trail
        del opened.members[at]
        opened.index.pop(member.token, None)
        if not opened.members:
            opened.tail = ""


def _opened(part: _Part, node: Node) -> _Opened:
    text = part.source
    opened = _Opened(text[node.start] + text[node.end - 1])
    at = node.start + 1
    for child, following in _with_next(node):
        begin = child.start if child.key_start < 0 else child.key_start
        comma = text.index(",", child.end) if following else child.end
        lead = text[at:begin]
        margin = lead[lead.rindex("\n") + 1 :] if "\n" in lead else None
        below = _Part(text[child.start : child.end], child, text, margin)
        member = _Member(lead, text[begin : child.start], child.token, below, text[child.end : comma])
        opened.members.append(member)
        if opened.is_object:
            opened.index[child.token] = member
        at = comma + 1 if following else child.end
    opened.tail = text[at : node.end - 1]
    return opened


def _with_next(node: Node) -> Iterator[tuple[Node, bool]]:
    children = list(node)
    return ((child, at + 1 < len(children)) for at, child in enumerate(children))
