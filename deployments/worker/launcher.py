"""The worker's side of warm starts: hands a run to the zygote and waits for its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START_WITHIN = 60.0
END_WITHIN = 15.0
KILLED = -9


class NotWarm(Exception):
    """No zygote took the run; start it cold."""


class Zygote:
    """The process that forks flows. Its standard input is its life line: it ends when this process does."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "deployments.worker.zygote", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()])
        self._control = ours

    @property
    def pid(self) -> int:
        return self._process.pid

    async def launch(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> WarmProcess:
        """A running flow. Raises NotWarm when the zygote is gone, and starts another for the next run."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            reader, writer = await asyncio.open_connection(sock=ours)
            request = {"arguments": command, "folder": str(folder), "environment": dict(environment)}
            writer.write(json.dumps(request).encode() + b"\n")
            started = await asyncio.wait_for(reader.readline(), START_WITHIN)
            return WarmProcess(json.loads(started)["pid"], reader, writer)
        except (OSError, ValueError, KeyError, TimeoutError) as error:
            ours.close()
            self._revive()
            raise NotWarm(str(error)) from error

    def close(self) -> None:
        self._control.close()
        if self._process.stdin:
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_WITHIN)
        self._process.kill()

    def _revive(self) -> None:
        if self._process.poll() is not None:
            self._control.close()
            self._start()


class WarmProcess:
    """A flow's process as Prefect's runner expects one: a `pid`, and a `returncode` once it ended."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._reader = reader
        self._writer = writer

    async def wait(self) -> None:
        """Until it ended. When this wait is given up, the flow is ended too."""
        try:
            self.returncode = _code(await self._reader.readline())
        except BaseException:
            self._writer.write_eof()
            await asyncio.shield(asyncio.wait_for(self._reader.read(), END_WITHIN))
            raise
        finally:
            self._writer.close()


def _code(line: bytes) -> int:
    """The exit code the keeper tells; without a keeper the kernel has killed the flow."""
    told: dict[str, Any] = json.loads(line or b"{}")
    return int(told.get("code", KILLED))


def is_supported() -> bool:
    """Warm starts need Linux's pidfd and parent-death signal."""
    return hasattr(os, "pidfd_open")
