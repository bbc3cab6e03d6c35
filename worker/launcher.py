"""The worker's side of starting a flow: it sends the run to the zygote, and waits for its end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from liftgate.integrations.signing import inherited
from worker.forked import Forked
from worker.process_environment import Variables, folder
from worker.sources import STATE_ID

START_WITHIN = 60.0
END_WITHIN = 15.0
KILLED = -9


class NotWarm(Exception):
    """The zygote did not start the run; start it cold."""


class Process(Protocol):
    """The process of a flow, which leads a process group."""

    pid: int

    async def wait(self) -> int:
        """Its exit code, when it and everything that it started have ended. If this wait is cancelled, they end."""

    def kill(self) -> None:
        """It reports nothing to Prefect any more, and everything that it started ends too."""


class Launcher:
    """Starts flows warm; cold without a zygote."""

    def __init__(self, zygote: Zygote | None, variables: Variables) -> None:
        self._zygote, self._variables = zygote, variables

    async def launch(self, flow: str, run: str, state: str) -> Process:
        """`state` is the id of the state in which the worker got the run."""
        environment = self._variables(run) | {STATE_ID: state}
        if self._zygote:
            try:
                return await self._zygote.launch(flow, run, folder(), environment)
            except NotWarm as reason:
                print(f"cold start, because the warm one failed: {reason}", file=sys.stderr, flush=True)
        return await start_cold(flow, run, folder(), environment)


class Zygote:
    """The process that forks flows, a program with a function `main`. It ends when this process ends, or closes it.

    The first one is forked from this process where `known` is given, the fingerprint of the code from before it was
    imported here: this process must have one thread then. Others start anew.
    """

    def __init__(self, program: str = "worker.zygote", known: str = "") -> None:
        self._program = program
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process: Forked | subprocess.Popen[bytes] = (
                Forked(partial(self._be, theirs.fileno(), known)) if known else self._started(theirs.fileno())
            )

    def _be(self, control: int, known: str) -> None:
        """In the fork."""
        self._control.close()  # else it would not see that this end is closed
        importlib.import_module(self._program).main(control, known=known)

    def _started(self, control: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", self._program, str(control)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[control, *inherited()])

    @property
    def pid(self) -> int:
        return self._process.pid

    async def launch(self, flow: str, run: str, folder: Path, environment: Mapping[str, str]) -> WarmProcess:
        """A running flow. If the zygote has ended, raises NotWarm and starts another zygote for the next run."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            reader, writer = await asyncio.open_connection(sock=ours)
            request = {"flow": flow, "run": run, "folder": str(folder), "environment": dict(environment)}
            writer.write(json.dumps(request).encode() + b"\n")
            started = await asyncio.wait_for(reader.readline(), START_WITHIN)
            return WarmProcess(json.loads(started)["pid"], reader, writer)
        except (OSError, ValueError, KeyError, TimeoutError) as error:
            ours.close()
            self._revive()
            raise NotWarm(str(error)) from error

    def close(self) -> None:
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_WITHIN)
        self._process.kill()

    def _revive(self) -> None:
        if self._process.poll() is not None:
            self._control.close()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = self._started(theirs.fileno())


class WarmProcess:
    """A forked flow; its keeper reports its end."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self._reader = reader
        self._writer = writer

    async def wait(self) -> int:
        try:
            return _code(await self._reader.readline())
        except BaseException:
            self._writer.write_eof()
            await asyncio.shield(asyncio.wait_for(self._reader.read(), END_WITHIN))
            raise
        finally:
            self._writer.close()

    def kill(self) -> None:
        if not self._writer.is_closing():
            self._writer.write(b"k")


class ColdProcess:
    """A flow in an interpreter of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self._process = process

    async def wait(self) -> int:
        try:
            return await self._process.wait()
        except BaseException:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                self._process.terminate()
                await asyncio.shield(asyncio.wait_for(self._process.wait(), END_WITHIN))
            raise
        finally:
            self._kill_group()

    def kill(self) -> None:
        if self._process.returncode is None:
            self._kill_group()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


async def start_cold(flow: str, run: str, folder: Path, environment: Mapping[str, str]) -> ColdProcess:
    command = (sys.executable, "-m", "worker.engine", flow, run)
    started = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, start_new_session=True, pass_fds=inherited()
    )
    return ColdProcess(started)


def _code(line: bytes) -> int:
    """The exit code that the keeper reports. If the keeper died, the kernel has killed the flow."""
    told: dict[str, Any] = json.loads(line or b"{}")
    return int(told.get("code", KILLED))


def is_supported() -> bool:
    """Warm starts need Linux's pidfd and parent-death signal."""
    return hasattr(os, "pidfd_open")
