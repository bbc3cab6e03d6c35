"""What is wrong with Argo CD's address: asked step by step, so that people get the setting and its right value."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpx

from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.errors import Misconfigured
from liftgate.integrations.http import client

URL: Final = "LIFTGATE_ARGOCD__URL"
PORTS: Final = (443, 80, 8080, 8443)
"""Where Argo CD is found most often: a service or an ingress, and what its guide forwards to."""
_WITHIN: Final = httpx.Timeout(5)
_SCHEMES: Final = ("https", "http")


class Found(NamedTuple):
    """`what`: argocd, other, untrusted, no http, nothing, no host or silent."""

    what: str
    words: str = ""


def fault(url: str, *, verify: bool = True, ports: tuple[int, ...] = PORTS) -> str:
    """What is wrong with it, and what to write instead; an empty string when an Argo CD answers there."""
    if wrong := _spelling(url, ports):
        return wrong
    parts, found = urlsplit(url), probe(url, verify=verify)
    if found.what == "argocd":
        return ""
    if found.what == "no host":
        return f"{URL}: there is no host {parts.hostname}; look at its name"
    if found.what == "untrusted" and probe(url, verify=False).what == "argocd":
        return (
            f"the certificate of Argo CD at {parts.hostname} is not trusted ({found.words}): name the file of its "
            "authority in SSL_CERT_FILE (in a laboratory: LIFTGATE_ARGOCD__INSECURE=true)"
        )
    better = _instead(parts, ports)
    return f"{_said(parts, found)}: set {URL}={better}" if better else _without_better(parts, found)


def _spelling(url: str, ports: tuple[int, ...]) -> str:
    """What can be seen without asking the network, but for the right scheme."""
    if "://" not in url:
        bare = url.strip("/").rpartition("@")[2]
        tried = [f"{scheme}://{bare}" for scheme in _SCHEMES]
        better = next((each for each in tried if probe(each, verify=False).what == "argocd"), tried[0])
        return f"{URL} has no scheme: set {URL}={better}"
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        return f"{URL} begins with {parts.scheme}://, and Argo CD's API is spoken to by https:// (or http://)"
    if not parts.hostname:
        return f"{URL} names no host; write it like https://argocd.example.com"
    try:
        _ = parts.port
    except ValueError:
        better = _instead(parts, ports)
        return f"{URL}: its port is no number from 1 to 65535" + (f"; set {URL}={better}" if better else "")
    return ""


def _instead(parts: SplitResult, ports: tuple[int, ...]) -> str:
    """An address on the same host at which an Argo CD answers; empty when none is found."""
    return next((each for each in _others(parts, ports) if probe(each, verify=False).what == "argocd"), "")


def _others(parts: SplitResult, ports: tuple[int, ...]) -> Iterator[str]:
    """The other scheme on the same port, without the path, and then the usual ports."""
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    path = parts.path.rstrip("/")
    same = parts.netloc.rpartition("@")[2]
    for scheme in (parts.scheme, *_SCHEMES):
        for below in dict.fromkeys((path, "")):
            yield f"{scheme}://{same}{below}"
    for port in ports:
        for scheme in _SCHEMES:
            usual = {("https", 443), ("http", 80)}
            yield f"{scheme}://{host}" + ("" if (scheme, port) in usual else f":{port}")


def _said(parts: SplitResult, found: Found) -> str:
    where = parts.netloc.rpartition("@")[2]
    return {
        "no http": f"{where} does not speak {parts.scheme}" + (" (TLS)" if parts.scheme == "https" else ""),
        "nothing": f"nothing listens at {where}",
        "silent": f"{where} gives no answer",
    }.get(found.what, f"no Argo CD answers at {where}{parts.path} ({found.words})")


def _without_better(parts: SplitResult, found: Found) -> str:
    hint = "look at the host and the port (a forwarded one: kubectl port-forward svc/argocd-server -n argocd 8080:443)"
    return f"{_said(parts, found)}, and no Argo CD was found at this host's usual ports; {URL}: {hint}"


def probe(url: str, *, verify: bool) -> Found:
    """Who answers there to the one question that needs no token."""
    try:
        with client(url.rstrip("/"), {}, verify=verify) as http:
            return _of_answer(http.get("/api/version", timeout=_WITHIN))
    except Misconfigured:
        return Found("no host")
    except httpx.HTTPError as error:
        return _of_error(error)


def _of_answer(response: httpx.Response) -> Found:
    try:
        said = loads(response.content)
    except UnreadableJson:
        said = None
    if response.is_success and isinstance(said, dict) and "Version" in said:
        return Found("argocd")
    server = response.headers.get("server", "")
    kind = response.headers.get("content-type", "").partition(";")[0]
    return Found("other", ", ".join(filter(None, (f"HTTP {response.status_code}", kind[:40], server[:40]))))


def _of_error(error: BaseException) -> Found:
    """By the exceptions beneath, never by their words."""
    beneath = list(_chain(error))
    untrusted = next((one for one in beneath if isinstance(one, ssl.SSLCertVerificationError)), None)
    if untrusted:
        return Found("untrusted", untrusted.verify_message)
    if any(isinstance(one, ssl.SSLError | httpx.RemoteProtocolError) for one in beneath):
        return Found("no http")
    if any(isinstance(one, socket.gaierror) for one in beneath):
        return Found("no host")
    if any(isinstance(one, httpx.TimeoutException) for one in beneath):
        return Found("silent")
    return Found("no http" if isinstance(error, httpx.ReadError | httpx.WriteError) else "nothing")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
