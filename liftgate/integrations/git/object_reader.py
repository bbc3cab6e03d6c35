"""One `git cat-file --batch-command` that stays: names and objects are read without a process for each."""

from __future__ import annotations

import os
import re
import select
import subprocess
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from liftgate.domain.common.plain import printable
from liftgate.errors import Unavailable
from liftgate.integrations.deadline import end
from liftgate.integrations.time_limit import seconds_left

if TYPE_CHECKING:
    from liftgate.integrations.git.process import Git

NO_FETCH: Final = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
"""What is not here is fetched by a process of its own, with the sign-in of that moment."""
WITHIN: Final = 20.0
"""Seconds for one answer from the disk."""
LONGEST: Final = 300.0
"""Seconds after which another process takes its place: the old one may keep files open that git has removed."""
_LINE: Final = 4096
"""Bytes that a pipe takes at once."""
_KEPT: Final = 8 * 1024 * 1024
"""Bytes of the answers that are kept. They end with the process."""
_SMALL: Final = 64 * 1024
"""Bytes of one answer: values and folders are smaller."""
_BESIDE: Final = 512
"""Bytes that each of them takes besides its content."""
_BY_ID: Final = re.compile(rb"[a-z]+ ([0-9a-f]{40}|[0-9a-f]{64})[\n:^~]")
_OBJECT: Final = re.compile(rb"(?P<id>[0-9a-f]{40,64}) (?P<kind>[a-z]+) (?P<size>\d+)")
"""How `git cat-file --batch` begins what it says of an object."""


class Object(NamedTuple):
    id: str
    kind: str
    data: bytes


class _Lost(Exception):
    """The process ended, or said something else than what git-cat-file(1) describes."""


class ObjectReader:
    """Reads what is on the disk. None means: ask with a process of its own, which says why it is not here.

    For threads: one asks at a time. A process that is silent, ends, or belongs to a folder that was replaced or to the
    process that this one was forked from is given up.
    """

    def __init__(self, git: Git) -> None:
        self._git, self._lock = git, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: weakref.finalize[..., ObjectReader] | None = None
        self._kept: dict[bytes, Object] = {}
        self._room = _KEPT
        self._of: tuple[int, int, int] = (0, 0, 0)
        self._since = 0.0

    def object(self, name: str) -> Object | None:
        """The object that the name means, with its content."""
        return self.objects([name])[0]

    def objects(self, names: Sequence[str]) -> list[Object | None]:
        """The same of many: git is not waited for between two of them."""
        return self._asked("contents", names)

    def id(self, name: str) -> str:
        """The id of the object that the name means; an empty string for None."""
        (found,) = self._asked("info", [name])
        return found.id if found else ""

    def _asked(self, verb: str, names: Sequence[str]) -> list[Object | None]:
        lines = [_line(verb, name) for name in names]
        found: dict[bytes, Object] = {}
        with self._lock:
            try:
                if self._running():
                    found = {line: self._kept[line] for line in lines if line in self._kept}
                    for some in _at_once(dict.fromkeys(line for line in lines if line and line not in found)):
                        found |= self._answers(some, has_content=verb == "contents")
            except (_Lost, OSError, ValueError):
                self._give_up()
            except BaseException:
                self._give_up()  # its answer may still come, and would be taken for that to the next question
                raise
        return [found.get(line) for line in lines]

    def _keep(self, line: bytes, found: Object) -> None:
        """What an object's id means, or a place in that object, never changes: it is asked once."""
        if len(found.data) <= _SMALL and _BY_ID.match(line):
            self._room -= len(found.data) + _BESIDE
            if self._room < 0:
                self._forget()
            self._kept[line] = found

    def _forget(self) -> None:
        self._kept.clear()
        self._room = _KEPT

    def _answers(self, lines: Sequence[bytes], *, has_content: bool) -> dict[bytes, Object]:
        """Without what is not here. The lines are so few that the pipe takes them all."""
        process, found = self._process, dict[bytes, Object]()
        if process is None or process.stdin is None or process.stdout is None:
            return found
        answers = _Answers(process.stdout.fileno())
        os.write(process.stdin.fileno(), b"".join(lines))
        for line in lines:
            if one := answers.next(has_content=has_content):
                found[line] = one
                self._keep(line, one)
        if answers.has_more:
            raise _Lost
        return found

    def _running(self) -> subprocess.Popen[bytes] | None:
        """The process, started when there is none for this folder; None where there is no folder."""
        try:
            there = self._git.directory.stat()
        except OSError:
            self._give_up()
            return None
        of = (os.getpid(), there.st_dev, there.st_ino)
        if self._process and (of != self._of or time.monotonic() > self._since + LONGEST):
            self._give_up()
        if self._process is None:
            self._process = self._git.kept("cat-file", "--batch-command", extra=NO_FETCH)
            self._ending = weakref.finalize(self, _end, self._process, os.getpid())
            self._of, self._since = of, time.monotonic()
        return self._process

    def _give_up(self) -> None:
        self._forget()
        ending, self._ending, self._process = self._ending, None, None
        if ending:
            ending()


def _end(process: subprocess.Popen[bytes], parent: int) -> None:
    """In a process that was forked from the parent, it is not ours."""
    if os.getpid() == parent:
        end(process)


def _line(verb: str, name: str) -> bytes:
    """Empty for a name that git cannot be asked for in a line."""
    try:
        line = f"{verb} {name}\n".encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return b""
    # git takes a carriage return before the end for a part of it
    return b"" if len(line) > _LINE or line.count(b"\n") > 1 or b"\0" in line or b"\r\n" in line else line


def _at_once(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """In groups of at most `_LINE` bytes."""
    some, size = list[bytes](), 0
    for line in lines:
        if some and size + len(line) > _LINE:
            yield some
            some, size = [], 0
        some.append(line)
        size += len(line)
    if some:
        yield some


class _Answers:
    """Of `git cat-file --batch-command`, one after the other."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._said = pipe, bytearray()

    @property
    def has_more(self) -> bool:
        """Whether git said more than was asked for."""
        return bool(self._said)

    def next(self, *, has_content: bool) -> Object | None:
        """Raises _Lost."""
        until = time.monotonic() + seconds_left(WITHIN, "git cat-file")
        while (end := self._said.find(b"\n")) < 0:
            self._said += _more(self._pipe, until)
        found = _OBJECT.fullmatch(self._said, 0, end)
        if not found:
            if not self._said[:end].endswith((b" missing", b" ambiguous")):
                raise _Lost
            del self._said[: end + 1]
            return None
        size = int(found["size"]) if has_content else 0
        sha, kind, last = found["id"].decode(), found["kind"].decode(), end + 1 + size + has_content
        del found  # while it is there, the text cannot grow
        while len(self._said) < last:
            self._said += _more(self._pipe, until)
        one = Object(sha, kind, bytes(self._said[end + 1 : end + 1 + size]))
        del self._said[:last]
        return one


def _more(pipe: int, until: float) -> bytes:
    """What has come through the pipe. Raises _Lost when nothing came until then, or nothing more will."""
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    if not waiting.poll(max(0.0, until - time.monotonic()) * 1000) or not (data := os.read(pipe, 1 << 20)):
        raise _Lost
    return data


def batch(names: Sequence[str], said: bytes) -> Iterator[Object | None]:
    """What `git cat-file --batch -z` said of each of the names; None for one that is not there."""
    at = 0
    for name in names:
        absent = [name.encode(errors="surrogateescape") + why for why in (b" missing\n", b" ambiguous\n")]
        if gone := next((words for words in absent if said.startswith(words, at)), b""):
            at += len(gone)
            yield None
            continue
        end = said.index(b"\n", at)
        found = _OBJECT.fullmatch(said, at, end)
        if found is None:
            raise Unavailable(f"git cat-file: what it says of {printable(name)[:80]} cannot be read")
        at = end + 1 + int(found["size"]) + 1
        yield Object(found["id"].decode(), found["kind"].decode(), said[end + 1 : at - 1])
