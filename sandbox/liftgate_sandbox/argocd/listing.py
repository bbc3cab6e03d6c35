"""The refs of a repository over HTTP by one request, without the five processes of `git ls-remote`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from liftgate_sandbox.certificates import trusted_for
from liftgate_sandbox.packet_lines import contents

_ADVERTISEMENT: Final = "application/x-git-upload-pack-advertisement"
_NO_REF: Final = "capabilities^{}"
"""What git lists of a repository without refs."""
HTTP: Final = httpx.Client(
    verify=trusted_for("http://"),
    trust_env=False,
    timeout=60.0,
    follow_redirects=True,
    limits=httpx.Limits(max_keepalive_connections=0),
)


class NotListed(Exception):
    """The server refused; `status` is that of its answer, 0 when it cannot be reached."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def listed(url: str, headers: Mapping[str, str]) -> dict[str, str]:
    """SHA by full name, with HEAD and what annotated tags point at (`^{}`). Raises NotListed."""
    try:
        answer = HTTP.get(f"{url}/info/refs", params={"service": "git-upload-pack"}, headers=dict(headers))
    except httpx.HTTPError:
        raise NotListed(0) from None
    if answer.status_code != httpx.codes.OK or answer.headers.get("content-type") != _ADVERTISEMENT:
        raise NotListed(answer.status_code)
    found = (line.partition(b"\0")[0].decode().strip().partition(" ") for line in contents(answer.content))
    return {name: sha for sha, _, name in found if name != _NO_REF and sha != "#"}
