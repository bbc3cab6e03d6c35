"""Answers to "which refs are there?", of each fetch and push: as git gives them, without its two processes for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.types import Message, Send

from liftgate_sandbox.packet_lines import DELIMITER, FLUSH, packet, packets
from liftgate_sandbox.ref_files import Refs, read_refs

Ask = Callable[[Send], Awaitable[None]]
"""Lets git answer."""
_OK: Final = 200
_KNOWN: Final = 64
_SHORT: Final = 1024
"""Bytes of a request; git compresses longer ones."""
_NOT_KEPT: Final = [
    (b"expires", b"Fri, 01 Jan 1980 00:00:00 GMT"),
    (b"pragma", b"no-cache"),
    (b"cache-control", b"no-cache, max-age=0, must-revalidate"),
]
_UPLOAD, _RECEIVE = "git-upload-pack", "git-receive-pack"


class RefAnswers:
    """What git can do (its capabilities) it is asked once for all repositories with the same settings."""

    def __init__(self) -> None:
        self._capabilities: dict[tuple[str, ...], bytes] = {}

    async def answer(self, request: Request, send: Send, folder: Path, ask: Ask) -> None:
        """`folder` is the repository. Any other request is asked as it is, and so are tags: git peels them."""
        refs = read_refs(folder)
        if refs is None or any(name.startswith("refs/tags/") for name in refs.all):
            await ask(send)
        elif wanted := await _listing_of(request):
            await _send(send, f"{_UPLOAD}-result", b"".join(_listed(refs, wanted)) + FLUSH)
        elif service := _advertisement_of(request):
            await self._advertise(send, folder, refs, service, ask)
        else:
            await ask(send)

    async def _advertise(self, send: Send, folder: Path, refs: Refs, service: str, ask: Ask) -> None:
        known = (service, (folder / "config").read_text(), refs.head, str(refs.head in refs.all))
        if can := self._capabilities.get(known):
            lines = [packet(f"# service={service}\n".encode()), FLUSH, *_advertised(refs, service, can), FLUSH]
            await _send(send, f"{service}-advertisement", b"".join(lines))
            return
        said: list[Message] = []

        async def hear(message: Message) -> None:
            said.append(message)
            await send(message)

        await ask(hear)
        body = b"".join(message.get("body", b"") for message in said)
        if said[0]["status"] == _OK and body.endswith(FLUSH):
            first = list(packets(body))[2]
            self._capabilities = dict(list(self._capabilities.items())[1 - _KNOWN :]) | {
                known: first.partition(b"\0")[2]
            }


def _advertisement_of(request: Request) -> str:
    """The service whose refs a first request by protocol 0 asks for; else an empty text."""
    asked = request.method == "GET" and request.path_params["service"] == "info/refs"
    service = request.url.query.removeprefix("service=")
    known = service in (_UPLOAD, _RECEIVE) and "git-protocol" not in request.headers
    return service if asked and known else ""


async def _listing_of(request: Request) -> list[bytes]:
    """The arguments of an `ls-refs` by protocol 2, with the command itself; else nothing."""
    headers = request.headers
    is_short = headers.get("content-length", "").isdigit() and int(headers["content-length"]) < _SHORT
    if request.method != "POST" or request.path_params["service"] != _UPLOAD or not is_short:
        return []
    if headers.get("git-protocol") != "version=2" or "content-encoding" in headers:
        return []
    try:
        asked = list(packets(await request.body()))
    except ValueError:
        return []
    known = (b"peel", b"symrefs", b"unborn")
    begin = asked.index(DELIMITER) + 1 if DELIMITER in asked else len(asked) - 1
    are_known = all(each in known or each.startswith(b"ref-prefix ") for each in asked[begin:-1])
    is_listing = asked[:1] == [b"command=ls-refs"] and asked[-1] == FLUSH and are_known
    return [asked[0], *asked[begin:-1]] if is_listing else []


def _listed(refs: Refs, wanted: list[bytes]) -> Iterator[bytes]:
    """As `git upload-pack` answers (gitprotocol-v2)."""
    prefixes = tuple(each.removeprefix(b"ref-prefix ") for each in wanted if each.startswith(b"ref-prefix ")) or b""
    target = f" symref-target:{refs.head}" if b"symrefs" in wanted else ""
    if b"HEAD".startswith(prefixes):
        if sha := refs.all.get(refs.head):
            yield packet(f"{sha} HEAD{target}\n".encode())
        elif b"unborn" in wanted:
            yield packet(f"unborn HEAD{target}\n".encode())
    for name, sha in refs.all.items():
        if name.encode().startswith(prefixes):
            yield packet(f"{sha} {name}\n".encode())


def _advertised(refs: Refs, service: str, capabilities: bytes) -> Iterator[bytes]:
    """As git's pack protocol has it; `receive.hideRefs` is `refs/pull` in every repository of the forge."""
    if service == _UPLOAD:
        shown = {"HEAD": refs.all[refs.head]} | refs.all if refs.head in refs.all else refs.all
    else:
        shown = {name: sha for name, sha in refs.all.items() if not name.startswith("refs/pull/")}
    lines = [f"{sha} {name}".encode() for name, sha in shown.items()] or [b"0" * 40 + b" capabilities^{}"]
    yield packet(b"%s\0%s\n" % (lines[0], capabilities))
    yield from (packet(line + b"\n") for line in lines[1:])


async def _send(send: Send, kind: str, body: bytes) -> None:
    headers = [*_NOT_KEPT, (b"content-type", f"application/x-{kind}".encode())]
    await send({"type": "http.response.start", "status": _OK, "headers": headers})
    await send({"type": "http.response.body", "body": body})
