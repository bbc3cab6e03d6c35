"""Reads JSON text token by token: the place of every value, and all mistakes, in one pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from liftgate.domain.json_text import tokens as words
from liftgate.domain.json_text.pointer import escape, join

MAX_DEPTH: Final = 64
MAX_POINTER: Final = 1000
"""In characters. Without it, one long key above many values makes every list of pointers too large."""
MAX_FAULTS: Final = 100


@dataclass(slots=True)
class Node:
    """A value's place in the text, `[start, end)`; its key's first quote (or -1); its members or elements."""

    start: int
    end: int = -1
    key_start: int = -1
    token: str = ""
    children: dict[str, Node] | list[Node] | None = None

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children.values() if isinstance(self.children, dict) else self.children or ())

    def child(self, token: str) -> Node | None:
        if isinstance(self.children, dict):
            return self.children.get(token)
        inside = isinstance(self.children, list) and token.isdecimal() and int(token) < len(self.children)
        return self.children[int(token)] if inside and isinstance(self.children, list) else None


@dataclass(frozen=True, slots=True)
class Fault:
    """One violation at an offset, in the value at `pointer`; `first` is its other place, or -1."""

    at: int
    rule: str
    message: str
    pointer: str
    first: int = -1


class Scanner:
    """One pass over one text; `root` (None if nothing could be read) and `faults` are the result.

    It continues after a mistake with a clear meaning (a trailing comma, a comment), and otherwise stops.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._stack: list[Node] = []
        self._lengths = [0]
        self._expect = "value"
        self._key = ("", -1)
        self._comma_at = -1
        self._stopped = False
        self._run()

    @property
    def is_whole(self) -> bool:
        """Whether the text was read to its end."""
        return not self._stopped and self._expect == "end"

    def _run(self) -> None:
        at = 0
        methods = {kind: getattr(self, "_" + kind) for kind in words.TOKEN.groupindex}
        while not self._stopped and (found := words.TOKEN.match(self.text, at)):
            kind, at = str(found.lastgroup), found.end()
            methods[kind](found.start(kind), at)
        if not self._stopped and self._expect != "end":
            self._ended(len(self.text))

    def _ended(self, at: int) -> None:
        if self._stack:
            message = "This is not closed before the end of the text."
            self._fault(self._stack[-1].start, "unexpected-end", message)
        else:
            self._fault(at, "empty", "The file has no JSON value.")

    def _fault(self, at: int, rule: str, message: str, *more: str, first: int = -1) -> None:
        path = [node.token for node in self._stack[1:]]
        self.faults.append(Fault(at, rule, message, join([*path, *more]), first))
        self._stopped = self._stopped or len(self.faults) >= MAX_FAULTS

    def _stop(self, at: int, rule: str, message: str) -> None:
        self._fault(at, rule, message)
        self._stopped = True

    # The kinds of token, with the names of TOKEN's groups.

    def _string(self, start: int, end: int) -> None:
        text = self.text[start + 1 : end - 1]
        if "\\" in text:
            text = str(json.loads(self.text[start:end]))
        if "\\u" in self.text[start:end] and words.LONE_SURROGATE.search(text):
            message = "The string contains half of a surrogate pair, which is not a character."
            self._fault(start, "lone-surrogate", message, *self._here())
        self._key_or_value(start, end, text)

    def _badstring(self, start: int, end: int) -> None:
        self._fault(start, *words.string_fault(self.text[start:end]), *self._here())
        self._key_or_value(start, end, self.text[start + 1 : end - 1])

    def _quoted(self, start: int, end: int) -> None:
        self._fault(start, "quotes", "JSON strings need double quotes.", *self._here())
        self._key_or_value(start, end, self.text[start + 1 : end - 1])

    def _word(self, start: int, end: int) -> None:
        rule, message = words.word_fault(self.text[start:end])
        if rule == "merge-conflict":
            self._stop(start, rule, message)
            return
        if self._takes_key() and rule != "character":
            rule, message = "unquoted-key", "A key needs double quotes."
        self._fault(start, rule, message, *self._here())
        if rule == "character":
            return
        self._key_or_value(start, end, self.text[start:end])

    def _number(self, start: int, end: int) -> None:
        if fault := words.number_fault(self.text[start:end]):
            self._fault(start, *fault, *self._here())
        self._literal(start, end)

    def _literal(self, start: int, end: int) -> None:
        if self._value_may_stand(start):
            self._attach(Node(start, end))

    def _comment(self, start: int, _end: int) -> None:
        self._fault(start, "comment", "JSON has no comments: put the text into a value, or beside the file.")

    def _colon(self, start: int, _end: int) -> None:
        if self._expect == "colon":
            self._expect = "value"
        else:
            self._stop(start, "colon", "A colon is only allowed between a key and its value.")

    def _comma(self, start: int, _end: int) -> None:
        if self._expect == "end":
            self._stop(start, "extra", "Remove the text after the JSON value.")
            return
        if self._expect != "comma":
            self._fault(start, "missing-value", "A value is missing before this comma.")
        if self._stack:
            self._expect = "key" if isinstance(self._stack[-1].children, dict) else "value"
            self._comma_at = start

    def _open(self, start: int, _end: int) -> None:
        if not self._value_may_stand(start):
            return
        if len(self._stack) >= MAX_DEPTH:
            self._stop(start, "depth", f"The values are nested deeper than {MAX_DEPTH} levels.")
            return
        is_object = self.text[start] == "{"
        node = Node(start, children={} if is_object else [])
        self._attach(node)
        self._lengths.append(self._lengths[-1] + len(node.token) + 1 if self._stack else 0)
        self._stack.append(node)
        self._expect = "first key" if is_object else "first value"

    def _close(self, start: int, end: int) -> None:
        if not self._stack or (self.text[start] == "}") != isinstance(self._stack[-1].children, dict):
            self._stop(start, "bracket", "This closing bracket has no opening bracket.")
            return
        if self._expect in ("key", "value") and self._comma_at > max(self._stack[-1].start, self._key[1]):
            self._fault(self._comma_at, "trailing-comma", "A comma is not allowed after the last value.")
        elif self._expect in ("value", "colon"):
            self._fault(start, "missing-value", "The value of this key is missing.", self._key[0])
        self._stack.pop().end = end
        self._lengths.pop()
        self._expect = "comma" if self._stack else "end"

    # What is expected where.

    def _takes_key(self) -> bool:
        in_object = bool(self._stack) and isinstance(self._stack[-1].children, dict)
        return in_object and self._expect in ("key", "first key", "comma")

    def _here(self) -> tuple[str, ...]:
        if not self._stack or self._takes_key():
            return ()
        children = self._stack[-1].children
        return (str(len(children)),) if isinstance(children, list) else (self._key[0],)

    def _key_or_value(self, start: int, end: int, text: str) -> None:
        if not self._takes_key():
            self._literal(start, end)
            return
        if self._expect == "comma":
            self._fault(start, "missing-comma", "A comma is missing before this key.", text)
        self._key = (text, start)
        self._expect = "colon"
        children = self._stack[-1].children
        if isinstance(children, dict) and text in children:
            message = "The object has this key more than once; JSON readers disagree on which one counts."
            self._fault(start, "duplicate-key", message, text, first=children[text].key_start)

    def _value_may_stand(self, start: int) -> bool:
        if self._expect in ("value", "first value"):
            return True
        if self._expect == "colon":
            self._fault(start, "missing-colon", "A colon is missing between the key and its value.", self._key[0])
        elif self._expect == "end":
            self._stop(start, "extra", "Remove the text after the JSON value.")
        elif self._takes_key():
            self._stop(start, "key", "A key in double quotes is missing here.")
        else:
            self._fault(start, "missing-comma", "A comma is missing before this value.")
        return not self._stopped

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            self._expect = "end"
            return
        children = self._stack[-1].children
        if isinstance(children, dict):
            node.token, node.key_start = self._key
            children.setdefault(node.token, node)
        elif isinstance(children, list):
            node.token = str(len(children))
            children.append(node)
        self._expect = "comma"
        if self._lengths[-1] + len(node.token) > MAX_POINTER // 2:
            self._check_length(node)

    def _check_length(self, node: Node) -> None:
        if sum(len(escape(each.token)) + 1 for each in [*self._stack[1:], node]) > MAX_POINTER:
            at = node.start if node.key_start < 0 else node.key_start
            message = f"The JSON pointer of this value is longer than {MAX_POINTER} characters."
            self._fault(at, "pointer-length", message)
