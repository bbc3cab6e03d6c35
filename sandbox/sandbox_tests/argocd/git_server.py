"""Smart HTTP over a folder of repositories by git's own CGI program; can be made to refuse."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class GitServer:
    """`refuse` is the status that every request gets, 0 for service as usual.

    With `authorization` set, every request must carry that header.
    """

    def __init__(self, root: Path, authorization: str = "") -> None:
        self.root, self.refuse, self.authorization = root, 0, authorization
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        if self.authorization and request.headers.get("authorization") != self.authorization:
            return Response(status_code=401, headers={"www-authenticate": 'Basic realm="git"'})
        if self.refuse:
            challenge = {"www-authenticate": 'Basic realm="git"'} if self.refuse == 401 else {}
            return Response(status_code=self.refuse, headers=challenge)
        return await run_in_threadpool(self._run, request, await request.body())

    def _run(self, request: Request, body: bytes) -> Response:
        environment = os.environ | {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.url.path.replace(".git/", "/.git/", 1),
            "QUERY_STRING": request.url.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(headers.pop("Status", "200").split()[0])
        return Response(content, status, headers)
