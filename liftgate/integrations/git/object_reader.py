"""One `git cat-file --batch-command` that stays: names and objects are read without a process for each."""

from __future__ import annotations

import os
import re
import select
import subprocess
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final, NamedTuple

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
_KEPT: Final = 1024
"""Answers that are kept, of at most so many bytes each. They end with the process."""
_SMALL: Final = 4096
_BY_ID: Final = re.compile(rb"[a-z]+ ([0-9a-f]{40}|[0-9a-f]{64})[\n:^~]")
OBJECT: Final = re.compile(rb"(?P<id>[0-9a-f]{40,64}) (?P<kind>[a-z]+) (?P<size>\d+)")
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
        self._of: tuple[int, int, int] = (0, 0, 0)
        self._since = 0.0

    def object(self, name: str) -> Object | None:
        """The object that the name means, with its content."""
        return self._asked("contents", name)

    def id(self, name: str) -> str:
        """The id of the object that the name means; an empty string for None."""
        found = self._asked("info", name)
        return found.id if found else ""

    def _asked(self, verb: str, name: str) -> Object | None:
        try:
            line = f"{verb} {name}\n".encode(errors="surrogateescape")
        except UnicodeEncodeError:
            return None
        # git takes a carriage return before the end for a part of it
        if len(line) > _LINE or line.count(b"\n") > 1 or b"\0" in line or b"\r\n" in line:
            return None
        with self._lock:
            try:
                found = self._kept.get(line) if self._running() else None
                return found or self._keep(line, self._answer(line, has_content=verb == "contents"))
            except (_Lost, OSError, ValueError):
                self._give_up()
                return None
            except BaseException:
                self._give_up()  # its answer may still come, and would be taken for that to the next question
                raise

    def _keep(self, line: bytes, found: Object | None) -> Object | None:
        """What an object's id means, or a place in that object, never changes: it is asked once."""
        if found and len(found.data) <= _SMALL and _BY_ID.match(line):
            if len(self._kept) == _KEPT:
                self._kept.clear()
            self._kept[line] = found
        return found

    def _answer(self, line: bytes, *, has_content: bool) -> Object | None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        until = time.monotonic() + seconds_left(WITHIN, "git cat-file")
        os.write(process.stdin.fileno(), line)
        said = b""
        while b"\n" not in said:
            said += _more(process.stdout.fileno(), until)
        head, _, data = said.partition(b"\n")
        found = OBJECT.fullmatch(head)
        if not found and not head.endswith((b" missing", b" ambiguous")):
            raise _Lost
        size = int(found["size"]) if found and has_content else 0
        parts, missing = [data], size + bool(found and has_content) - len(data)
        while missing > 0:
            parts.append(_more(process.stdout.fileno(), until))
            missing -= len(parts[-1])
        if missing < 0:
            raise _Lost
        return Object(found["id"].decode(), found["kind"].decode(), b"".join(parts)[:size]) if found else None

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
        self._kept.clear()
        ending, self._ending, self._process = self._ending, None, None
        if ending:
            ending()


def _end(process: subprocess.Popen[bytes], parent: int) -> None:
    """In a process that was forked from the parent, it is not ours."""
    if os.getpid() == parent:
        end(process)


def _more(pipe: int, until: float) -> bytes:
    """What has come through the pipe. Raises _Lost when nothing came until then, or nothing more will."""
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    if not waiting.poll(max(0.0, until - time.monotonic()) * 1000) or not (data := os.read(pipe, 1 << 20)):
        raise _Lost
    return data
