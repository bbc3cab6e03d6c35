"""Git's smart HTTP protocol: the system's `git http-backend`, streamed both ways."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Send

from liftgate_sandbox.forge.bare import git_environment

CHUNK = 64 * 1024
_OK = 200
_SETTINGS_KNOWN = 16
FORWARDED = {
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
    "content-encoding": "HTTP_CONTENT_ENCODING",
    "git-protocol": "GIT_PROTOCOL",
}


async def backend(request: Request, send: Send, cgi: Mapping[str, str], after: Callable[[], None]) -> None:
    """Answer one git request; `after` runs when git has ended, before the client sees the end of the answer.

    Not a StreamingResponse: that would read the request body while we do.
    """
    process = await asyncio.create_subprocess_exec(
        _backend(),
        env=git_environment(**cgi),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    feeding = asyncio.ensure_future(_feed(request, process))
    try:
        await _answer(process, send)
        await process.wait()
        await run_in_threadpool(after)
    finally:
        feeding.cancel()
        await _end(process)
    await send({"type": "http.response.body", "body": b""})


class Capabilities:
    """The first answer of a fetch by protocol 2: what this git can do, and no refs. It depends on the repository's
    settings alone, so git is asked once for all repositories with the same ones."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Message]] = {}

    async def answer(self, request: Request, send: Send, folder: Path, ask: Callable[[Send], Awaitable[None]]) -> None:
        """`folder` is the repository. Any other request is asked as it is."""
        asked = (request.method, request.path_params["service"], request.url.query)
        settings = _settings(folder) if asked == ("GET", "info/refs", "service=git-upload-pack") else b""
        if request.headers.get("git-protocol") != "version=2" or not settings:
            await ask(send)
            return
        said = self._known.get(settings, [])
        if not said:

            async def hear(message: Message) -> None:
                said.append(message)

            await ask(hear)
            if _is_whole(said):
                self._known = dict([*list(self._known.items())[1 - _SETTINGS_KNOWN :], (settings, said)])
        for message in said:
            await send(message)


def _settings(folder: Path) -> bytes:
    """Empty where there is no repository."""
    config = folder / "config"
    return config.read_bytes() if config.exists() else b""


def _is_whole(said: list[Message]) -> bool:
    """Not that of a git which failed, or which was ended because its client hung up."""
    return said[0]["status"] == _OK and b"".join(each.get("body", b"") for each in said).endswith(b"0000")


@cache
def _backend() -> str:
    """The program itself: `git http-backend` would be a process more, for each request."""
    found = subprocess.run(["git", "--exec-path"], env=git_environment(), capture_output=True, text=True, check=True)
    return str(Path(found.stdout.strip()) / "git-http-backend")


def cgi_environment(request: Request, root: str, path: str) -> dict[str, str]:
    """What CGI tells the backend; `path` starts at the repository's folder under `root`."""
    given = {name: request.headers[header] for header, name in FORWARDED.items() if header in request.headers}
    return {
        "GIT_PROJECT_ROOT": root,
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "REMOTE_ADDR": request.client.host if request.client else "",
        **given,
    }


async def _feed(request: Request, process: asyncio.subprocess.Process) -> None:
    """Git may stop reading early (a refused pack), and the client may hang up: neither is our failure."""
    if process.stdin is None:
        return
    try:
        async for chunk in request.stream():
            process.stdin.write(chunk)
            await process.stdin.drain()
    except ClientDisconnect:
        # The backend would wait for the rest that was announced, and read the end of its input for ever.
        _kill(process)
    except (BrokenPipeError, ConnectionResetError):
        pass
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.close()
        await process.stdin.wait_closed()


async def _answer(process: asyncio.subprocess.Process, send: Send) -> None:
    if process.stdout is None:
        return
    status, headers = await _head(process.stdout)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    while chunk := await process.stdout.read(CHUNK):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _head(stdout: asyncio.StreamReader) -> tuple[int, list[tuple[bytes, bytes]]]:
    """CGI's header block; a backend that dies before it is a 500."""
    headers: list[tuple[bytes, bytes]] = []
    status = b""
    while line := (await stdout.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = value.split()[0]
        else:
            headers.append((name.lower(), value.strip()))
    return int(status or (b"200" if headers else b"500")), headers


async def _end(process: asyncio.subprocess.Process) -> None:
    _kill(process)
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    """With its children: `git` runs the backend as one, and that runs others."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
