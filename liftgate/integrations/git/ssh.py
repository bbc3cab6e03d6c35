"""SSH for git: signs in with the key and checks the host with the host keys of the settings, and says what failed.

ssh reads both from the memory of the git process that starts it, and writes its own messages there. So the key is in no
file, argument list or environment, and what the server prints cannot pass for a message of ssh.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.keys import read_ssh_key

KEY, HOSTS = "LIFTGATE_REPOSITORY__SSH_KEY", "LIFTGATE_REPOSITORY__KNOWN_HOSTS"
_STRICT: Final = (
    "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oUpdateHostKeys=no -oForwardAgent=no -oControlPath=none"
    " -oLogLevel=ERROR"
    # Should git be killed, this is the only deadline that ssh still has.
    " -oConnectTimeout=20 -oServerAliveInterval=20 -oServerAliveCountMax=3"
)
USERS_OWN: Final = {"GIT_SSH_COMMAND": _STRICT, "GIT_SSH_VARIANT": "ssh"}
"""Git's variables for the user's own keys and host keys: ssh asks no question, and refuses an unknown host."""
_MEMORY: Final = "/proc/$PPID/fd/{}"
"""A file of the git process, as the shell that git starts for ssh sees it. ssh itself closes all that it inherits."""

_UNTRUSTED: Final = "Host key verification failed."
_UNKNOWN: Final = re.compile(r"No \S+ host key is known for (\S+) and you have requested strict checking\.")
_REFUSED: Final = re.compile(r"\S+: Permission denied \([\w,@.-]*\)\.")
_QUOTES_SERVER: Final = re.compile(r"Received disconnect from |Unable to negotiate with |\S+: Permission denied \(")
"""Lines in which ssh repeats what the server sent, perhaps before it proved its host key, and with its line ends."""
_SHOWN: Final = 300


@dataclass(frozen=True)
class Opened:
    """What one git process needs: variables, open files, and the file for the messages of ssh."""

    variables: Mapping[str, str]
    files: tuple[int, ...]
    log: int

    def said(self) -> bytes:
        return os.pread(self.log, 65536, 0)


class Ssh:
    """`key` is a private key as text, `known_hosts` lines as in ssh's file of that name. Without a key, ssh takes the
    user's own keys and configuration; without `known_hosts`, the user's and the machine's known hosts."""

    def __init__(self, key: str = "", known_hosts: str = "") -> None:
        self._key, self._known_hosts = key.encode(), known_hosts.encode()

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        with ExitStack() as stack:
            log = _memory(b"", stack)
            files, command = [log], f"{_STRICT} -E {_MEMORY.format(log)}"
            if self._key:
                files.append(_memory(self._key, stack))
                command += f" -F /dev/null -oIdentitiesOnly=yes -oIdentityAgent=none -i {_MEMORY.format(files[-1])}"
            if self._known_hosts:
                files.append(_memory(self._known_hosts, stack))
                command += f" -oGlobalKnownHostsFile=/dev/null -oUserKnownHostsFile={_MEMORY.format(files[-1])}"
            yield Opened(USERS_OWN | {"GIT_SSH_COMMAND": command}, tuple(files), log)


def ssh_of(key: str, known_hosts: str) -> Ssh:
    """From the settings, each the text itself or the path of its file. Raises Misconfigured without repeating them."""
    hosts = known_hosts if not known_hosts or _HOST_KEY.search(known_hosts) else _text_of(known_hosts)
    return Ssh(read_ssh_key(key, KEY) if key else "", hosts)


_HOST_KEY: Final = re.compile(r"\s(ssh|ecdsa|sk)-\S+\s")
"""The kind of a key, as it stands in a line of known hosts and in no path."""


def _text_of(path: str) -> str:
    try:
        text = Path(path).expanduser().read_text()
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Misconfigured(f"{HOSTS}: the file of host keys cannot be read: {why}") from None
    if not _HOST_KEY.search(text):
        raise Misconfigured(f"{HOSTS}: the file has no line with a host key; ssh-keyscan HOST prints the lines")
    return text


def ssh_failure(verb: str, log: bytes, said: str) -> Unavailable | Misconfigured:
    """What the failure means. `log` are the messages of ssh itself, `said` is git's line.

    ssh has one exit status for all its failures, so its own fixed sentences decide; those of the server never do.
    """
    lines = _own_lines(log)
    if _UNTRUSTED in lines:
        if unknown := next(filter(None, map(_UNKNOWN.fullmatch, lines)), None):
            return Misconfigured(
                f"git {verb}: no host key is known for {unknown[1]}; set {HOSTS} to the lines that ssh-keyscan prints, "
                "after you compared them with the ones that the host publishes"
            )
        return Misconfigured(
            f"git {verb}: the host key is not the known one, so nothing was sent; ask who runs the host before you "
            f"change {HOSTS}"
        )
    if is_key_refused(log):
        return Misconfigured(
            f"git {verb}: the host refused the key; give its public half the right to write to this repository, or "
            f"look at {KEY}"
        )
    if not lines and shutil.which("ssh") is None:
        return Misconfigured("ssh is not installed; install OpenSSH's client")
    if lines:
        return Unavailable(f"git {verb}: {lines[-1][:_SHOWN]}")
    return Unavailable(
        f"git {verb}: the host accepted the key and ended the request ({said[:_SHOWN]}); is there a repository at "
        "LIFTGATE_REPOSITORY__URL, and may the key use it?"
    )


def is_key_refused(log: bytes) -> bool:
    """Whether ssh itself says that the host did not accept the key."""
    lines = _own_lines(log)
    return _UNTRUSTED not in lines and any(map(_REFUSED.fullmatch, lines))


def _own_lines(log: bytes) -> list[str]:
    """Those of ssh itself, up to the first one that repeats the server's text: the lines after it may be that text."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", log.decode(errors="replace")) if line.strip()]
    last = next((at for at, line in enumerate(lines) if _QUOTES_SERVER.match(line)), len(lines))
    return lines[: last + 1]


def _memory(data: bytes, stack: ExitStack) -> int:
    """A file in memory that only this user can read, as ssh demands of a key."""
    if not hasattr(os, "memfd_create"):
        raise Misconfigured("Liftgate reaches a repository over SSH only on Linux; use an address with https://")
    number = os.memfd_create("ssh")
    stack.callback(os.close, number)
    os.fchmod(number, 0o600)
    os.write(number, data)
    return number
