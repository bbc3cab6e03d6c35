"""One git process, with a fixed environment and a deadline that ends all it started.

GitPython starts what talks to a remote. It is imported only then: that takes longer than most commands, and starts two
processes of its own.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from liftgate.domain.common.plain import printable
from liftgate.domain.common.value import Value
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deadline import output_of
from liftgate.integrations.git.failure import git_failure, http_status_of, reported
from liftgate.integrations.git.ssh import USERS_OWN, Opened, Ssh, is_key_refused, ssh_failure
from liftgate.integrations.time_limit import seconds_left

WITHIN: Final = 60.0
"""Seconds one command may take; one that reports progress may take so long from each report to the next."""
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TRACE": "0",
    "GIT_TRACE_CURL": "0",
    "GIT_CURL_VERBOSE": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C.UTF-8",
    **USERS_OWN,
}
_OPTIONS = (
    *("-c", "core.hooksPath=/dev/null"),
    # Should this process be killed, the git it started has no deadline any more but this one of its own.
    *("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=120"),
)


_NO_ARGUMENT: Final = re.compile("[\0\ud800-\udc7f\udd00-\udfff]")
"""Characters that no program can be given; the other surrogates stand for bytes of file names."""


_SIGN_IN: Final = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0")
_NEEDED: Final = ("PATH", "HOME", "TMPDIR")
_REMOTE: Final = ("fetch", "push", "ls-remote")
NO_GIT: Final = "git is not installed; install git 2.38 or later"


class SignIn(NamedTuple):
    """A sign-in over HTTP that must be renewed."""

    variables: Callable[[], Mapping[str, str]] = dict
    """Called before each command, so it must be quick."""
    refused: Callable[[], None] = lambda: None
    """Called when the remote did not accept them."""


NOT_RENEWED: Final = SignIn()


class Result(Value):
    status: int
    out: bytes
    err: bytes
    ssh: bytes | None = None
    """The messages of ssh itself; None for a remote that is not reached by SSH."""

    def failure(self, verb: str, *, by_remote: bool = False) -> Unavailable | Misconfigured:
        """What a status other than 0 means; `by_remote` for a command that needs nothing but the remote."""
        if self.ssh or (self.ssh is not None and by_remote):
            return ssh_failure(verb, self.ssh, reported(self.err))
        return git_failure(verb, self.err)

    @property
    def is_refused(self) -> bool:
        """Whether the remote did not accept the sign-in."""
        return is_key_refused(self.ssh) if self.ssh else http_status_of(reported(self.err)) in (401, 403)


def sign_in(user: str, token: str) -> Mapping[str, str]:
    """HTTP sign-in by environment, so that the token stands in no argument list, URL or file."""
    if not token:
        return {}
    basic = base64.b64encode(f"{user}:{token}".encode()).decode()
    return dict(zip(_SIGN_IN, ("1", "http.extraHeader", f"Authorization: Basic {basic}"), strict=True))


def git_python(directory: Path) -> Any:
    """GitPython's own class for the directory. Raises Misconfigured: it looks for git when it is imported."""
    try:
        from git.cmd import Git as GitPython
    except ImportError:
        raise Misconfigured(NO_GIT) from None
    return GitPython(str(directory))


class Git:
    """Runs git in one directory (a git directory, or a work tree whose `.git` it finds).

    `holds` are file descriptors that every git process keeps open, so that a lock on one of them is held until the
    last of these processes is over, even when this process is killed. `ssh` is for a remote that is reached by SSH.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        *,
        holds: Sequence[int] = (),
        ssh: Ssh | None = None,
        renewed: SignIn = NOT_RENEWED,
    ) -> None:
        self.directory = directory.absolute()
        self._environment = _ENVIRONMENT | dict(environment or {})
        self._holds, self._ssh, self._renewed = tuple(holds), ssh, renewed

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        timeout: float = WITHIN,
        extra: Mapping[str, str] | None = None,
        alive: Callable[[], None] | None = None,
    ) -> Result:
        """The finished process whatever its status; raises Unavailable when it outlives the deadline (seconds).

        With `alive`, which is called for it, what the command says of its progress begins the deadline anew.
        """
        if bad := next((text for text in arguments if _NO_ARGUMENT.search(text)), ""):
            raise Refused(f"git {arguments[0]}: {printable(bad)[:80]} is no text that git could be given")
        within = seconds_left(timeout, f"git {arguments[0]}")
        signed_in = self._signed_in(arguments[0]) | dict(extra or {})
        with _source(stdin) as source, self._opened() as ssh:
            process, _owner = self._start(arguments, source, signed_in, ssh)
            try:
                out, err = output_of(process, within, alive)
            except TimeoutError:
                raise Unavailable(f"git {arguments[0]} gave no answer within {round(within, 1):g} s") from None
            return Result(status=process.returncode, out=out, err=err, ssh=ssh.said() if ssh else None)

    def kept(self, *arguments: str, extra: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """A process that stays: the caller ends it. It asks no remote, and sees no sign-in and none of our settings."""
        theirs = {name: text for name, text in os.environ.items() if name in _NEEDED or name.startswith("GIT_")}
        ours = {name: text for name, text in self._environment.items() if name not in _SIGN_IN}
        return subprocess.Popen(
            ["git", "-C", str(self.directory), *_OPTIONS, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**theirs, **ours, **extra},
            start_new_session=True,
        )

    def _opened(self) -> AbstractContextManager[Opened | None]:
        return self._ssh.opened() if self._ssh else nullcontext()

    def _start(
        self, arguments: Sequence[str], source: BinaryIO | int, extra: dict[str, str], ssh: Opened | None
    ) -> tuple[subprocess.Popen[bytes], object]:
        """The process, and what ends it with its own last reference."""
        # By name: a program starts wherever we are when the directory is gone.
        command = ["git", "-C", str(self.directory), *_OPTIONS, *arguments]
        variables = {**self._environment, **(ssh.variables if ssh else {}), **extra}
        files, pipe = [*self._holds, *(ssh.files if ssh else ())], subprocess.PIPE
        if arguments[0] in _REMOTE:
            started = self._start_for_remote(command, istream=source, env=variables, pass_fds=files)
            return started.proc, started
        # as bytes: subprocess would encode each variable again, which takes longer than all the rest
        environment = {**os.environb, **{os.fsencode(name): os.fsencode(text) for name, text in variables.items()}}
        try:
            process = subprocess.Popen(
                command, stdin=source, stdout=pipe, stderr=pipe, env=environment, pass_fds=files, start_new_session=True
            )
        except FileNotFoundError:
            raise Misconfigured(NO_GIT) from None
        return process, process

    def _start_for_remote(self, command: list[str], **options: Any) -> Any:
        """Raises Misconfigured."""
        git = git_python(self.directory)
        from git.exc import GitCommandNotFound

        try:
            return git.execute(command, as_process=True, start_new_session=True, **options)
        except GitCommandNotFound:
            raise Misconfigured(NO_GIT) from None

    def _signed_in(self, verb: str) -> dict[str, str]:
        """Any command may have to fetch a file; those that find it here must not fail for a missing sign-in."""
        try:
            return dict(self._renewed.variables())
        except LiftgateError:
            if verb in _REMOTE:
                raise
            return {}

    def __call__(self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> str:
        """Standard output as text without its last newline; raises by what git said when it failed."""
        result = self.run(*arguments, stdin=stdin, extra=extra)
        if result.status:
            raise result.failure(arguments[0])
        return result.out.decode(errors="surrogateescape").removesuffix("\n")


@contextmanager
def _source(stdin: bytes) -> Iterator[BinaryIO | int]:
    """What a process can read it from; most read nothing."""
    if not stdin:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        yield source
