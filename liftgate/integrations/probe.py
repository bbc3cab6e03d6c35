"""What verification steps may touch: an HTTP address, and a test command the worker's settings define."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Value
from liftgate.domain.secrets.masking import readable
from liftgate.errors import Misconfigured
from liftgate.integrations.deadline import output_of
from liftgate.integrations.http import trusted

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
_OUTPUT = 64_000
_REPORT = 5_000_000


class Answer(Value):
    status: int
    """HTTP status; 0 when there was no answer."""
    body: bytes
    reason: str = ""
    """Why there was no answer."""
    seconds: float = 0.0
    """From the request to the end of the answer."""


class Finished(Value):
    status: int
    """Exit status; -1 when it was ended at the deadline."""
    output: str
    """The end of what it printed."""
    report: bytes = b""
    """What it wrote to `$LIFTGATE_JUNIT`."""


def get(url: str, timeout: float) -> Answer:
    """One GET; no answer is an answer too, because it is what the check is about."""
    return _ask("GET", url, timeout)


def post(url: str, body: Mapping[str, str], timeout: float) -> Answer:
    """One POST of a JSON object, answered like a `get`."""
    return _ask("POST", url, timeout, dict(body))


def _ask(method: str, url: str, timeout: float, body: dict[str, str] | None = None) -> Answer:
    """`url` is a setting, so a wrong one is reported as a wrong setting."""
    try:
        with httpx.Client(timeout=timeout, verify=trusted(), trust_env=False, follow_redirects=False) as http:
            response = http.request(method, url, json=body)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Misconfigured(f"{readable(url)} is no HTTP address: {error}") from None
    except httpx.HTTPError as error:
        return Answer(status=0, body=b"", reason=f"no answer from {httpx.URL(url).host}: {error}")
    seconds = response.elapsed.total_seconds()
    return Answer(status=response.status_code, body=response.content[:1_000_000], seconds=seconds)


class Commands:
    """The commands of the worker's settings, by name: who can merge to the repository cannot define one."""

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands

    def run(self, name: str, variables: Mapping[str, str], timeout: float) -> Finished:
        """Run it in a process group of its own with a scrubbed environment and a deadline in seconds."""
        if name not in self._commands:
            raise Misconfigured(
                f'the worker has no test command "{name}"; {nearest(name, self._commands)} (LIFTGATE_WORKER__COMMANDS)'
            )
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
            environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
            report = Path(folder) / "junit.xml"
            try:
                process = subprocess.Popen(
                    list(self._commands[name]),
                    cwd=folder,
                    env=environment | {"HOME": folder, "LIFTGATE_JUNIT": str(report)} | dict(variables),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise Misconfigured(f'the test command "{name}" does not start: {error.strerror}') from None
            try:
                output_of(process, timeout)
                status = process.returncode
            except TimeoutError:
                status = -1
            size = output.tell()
            output.seek(max(0, size - _OUTPUT))
            return Finished(status=status, output=output.read().decode(errors="replace"), report=_read(report))


def _read(report: Path) -> bytes:
    """Empty when there is none, or one too large to be a report."""
    if report.is_symlink() or not report.is_file() or report.stat().st_size > _REPORT:
        return b""
    return report.read_bytes()
