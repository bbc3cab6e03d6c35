"""One git process: GitPython runs it, with a fixed environment, a deadline, and errors in our three words."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path

from git.cmd import Git as GitCommand
from git.exc import GitCommandNotFound

from liftgate.domain.value import Value
from liftgate.errors import Misconfigured, Unavailable

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TRACE": "0",
    "GIT_TRACE_CURL": "0",
    "GIT_CURL_VERBOSE": "0",
    "LC_ALL": "C.UTF-8",
}
_NO_RIGHT = ("authentication failed", "could not read username", "403", "401", "permission denied")
_NOT_THERE = ("not found", "does not exist", "does not appear to be a git repository", "404")


class Result(Value):
    status: int
    out: bytes
    err: str


def sign_in(user: str, token: str) -> Mapping[str, str]:
    """HTTP sign-in by environment, so that the token stands in no argument list, URL or file."""
    if not token:
        return {}
    basic = base64.b64encode(f"{user}:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


class Git:
    """Runs git in one directory (a git directory, or a work tree whose `.git` it finds)."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._environment = _ENVIRONMENT | dict(environment or {})

    def run(
        self, *arguments: str, stdin: bytes = b"", timeout: float = 60, extra: Mapping[str, str] | None = None
    ) -> Result:
        """The finished process whatever its status; raises Unavailable when it outlives the deadline (seconds)."""
        with tempfile.TemporaryFile() as source:
            source.write(stdin)
            source.seek(0)
            try:
                status, out, err = GitCommand(str(self.directory)).execute(
                    ["git", "-c", "core.hooksPath=/dev/null", *arguments],
                    istream=source,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    kill_after_timeout=timeout,
                    env=self._environment | dict(extra or {}),
                )
            except GitCommandNotFound:
                raise Misconfigured("git is not installed; install git 2.38 or later") from None
        if "Timeout: the command" in err:
            raise Unavailable(f"git {arguments[0]} gave no answer within {timeout:g} s")
        return Result(status=int(status), out=bytes(out), err=str(err))

    def __call__(self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> str:
        """Standard output as text without its last newline; raises by what git said when it failed."""
        result = self.run(*arguments, stdin=stdin, extra=extra)
        if result.status:
            raise failure(arguments[0], result.err)
        return result.out.decode(errors="surrogateescape").removesuffix("\n")


def failure(verb: str, err: str) -> Unavailable | Misconfigured:
    """Which of our words git's complaint means; its text is cut and holds no token (none is ever in a URL)."""
    lines = [line for line in err.strip().splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
    lower = said.lower()
    if any(word in lower for word in _NO_RIGHT):
        return Misconfigured(
            f"git {verb}: the repository refused the token ({said[:200]}); "
            "look at LIFTGATE_REPOSITORY__TOKEN and what it may do"
        )
    if any(word in lower for word in _NOT_THERE):
        return Misconfigured(f"git {verb}: no repository there ({said[:200]}); look at LIFTGATE_REPOSITORY__URL")
    return Unavailable(f"git {verb}: {said[:300] or 'failed without a word'}")
