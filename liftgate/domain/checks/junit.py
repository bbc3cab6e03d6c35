"""A test report in JUnit's XML: how many tests ran, and which failed with which message."""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from liftgate.domain.common.value import Value

_BAD: Final = ("failure", "error")


class Failure(Value):
    name: str
    """`class.test`, or the test's name if it has no class."""
    message: str


class Report(Value):
    tests: int
    skipped: int
    failures: tuple[Failure, ...]


class _Reader:
    """Collects results while the parser runs; a failure's text counts only if it has no message."""

    def __init__(self) -> None:
        self.tests = self.skipped = 0
        self.failures: list[Failure] = []
        self._case = ""
        self._message: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            self.tests += 1
            self._case = ".".join(part for part in (attributes.get("classname"), attributes.get("name")) if part)
        elif tag == "skipped":
            self.skipped += 1
        elif tag in _BAD:
            self._message = attributes.get("message", "") + "\n"

    def text(self, text: str) -> None:
        if self._message is not None and len(self._message) < 2000:
            self._message += text

    def end(self, tag: str) -> None:
        if tag in _BAD and self._message is not None:
            lines = [line.strip() for line in self._message.splitlines() if line.strip()]
            self.failures.append(Failure(name=self._case or "a test", message=lines[0] if lines else "failed"))
            self._message = None


def _no_doctype(*_: object) -> None:
    raise ValueError("a test report has no document type")


def read_junit(data: bytes) -> Report | None:
    """The report; None if the text is not XML, has a document type (entities could expand without end) or no test."""
    reader, parser = _Reader(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, _no_doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        return None
    if not reader.tests:
        return None
    return Report(tests=reader.tests, skipped=reader.skipped, failures=tuple(reader.failures))
