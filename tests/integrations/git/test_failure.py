"""What git's failures mean: by the line in which git tells HTTP's status, whatever else stands anywhere."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import eventually
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.git.failure import git_failure
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git

URL = "http://127.0.0.1:4040/401/not found.git"


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers everything with this status and misleading words."""

    def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("fatal: repository not found, error: 404 and 403\n", status)

    with serve(Starlette(routes=[Route("/{any:path}", answer, methods=["GET", "POST"])])) as served:
        yield f"{served.url}/shop/403-404.git"


def fetching(folder: Path, url: str) -> LiftgateError:
    with pytest.raises(LiftgateError) as caught:
        Mirror(folder, url, "main").fetch()
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_real_servers_status_decides(tmp_path: Path, status: int, kind: type[LiftgateError]) -> None:
    with answering(status) as url:
        error = fetching(tmp_path, url)
    assert type(error) is kind, error


def test_a_port_that_refuses_is_unavailable_whatever_its_number(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/401/404/not found.git"
    assert type(fetching(tmp_path, url)) is Unavailable


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (f"fatal: unable to access '{URL}': The requested URL returned error: 403", Misconfigured),
        (f"fatal: unable to access '{URL}': The requested URL returned error: 503", Unavailable),
        (f"fatal: unable to access '{URL}': Failed to connect to 127.0.0.1 port 4040 after 404 ms", Unavailable),
        (f"fatal: unable to access '{URL}': Operation timed out after 401 milliseconds", Unavailable),
        (f"fatal: Authentication failed for '{URL}'", Misconfigured),
        (f"fatal: could not read Username for '{URL}': terminal prompts disabled", Misconfigured),
        (f"fatal: repository '{URL}' not found", Misconfigured),
        ("error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403\nfatal: early EOF", Misconfigured),
        ("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: 403", Unavailable),
        ("remote: The requested URL returned error: 403\nfatal: early EOF", Unavailable),
        (f"remote: x\rfatal: Authentication failed for '{URL}'".replace("\r", "\x0b"), Unavailable),
        (f"fatal: remote error: busy\nfatal: repository '{URL}' not found", Unavailable),
        ("fatal: object 4040401403 not found", Unavailable),
        ("fatal: the remote end hung up unexpectedly", Unavailable),
        ("", Unavailable),
    ],
)
def test_words_decide_nothing(said: str, kind: type[LiftgateError]) -> None:
    assert type(git_failure("fetch", said.encode())) is kind


def test_a_silent_server_is_left_at_the_deadline_though_there_is_neither_ps_nor_pgrep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_git(tmp_path / "bin", monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/silent.git"
        with pytest.raises(Unavailable, match="gave no answer within 1 s"):
            Git(tmp_path).run("ls-remote", url, timeout=1)
        assert eventually(lambda: not [each for each in Path("/proc").glob("[0-9]*/cmdline") if url in _read(each)])


def only_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH as of a slim image."""
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(folder))
    assert shutil.which("ps") is None
    assert shutil.which("pgrep") is None


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""
