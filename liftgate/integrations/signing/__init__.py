"""What has the worker's signing key and its access to the repository, and uses them only for what it checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from liftgate.domain.commits.signature import SigningService

if TYPE_CHECKING:
    from liftgate.integrations.git.mirror import Pushed

VARIABLE: Final = "LIFTGATE_SIGNER"
"""The number of the inherited socket to the signer process: the worker sets it, and no person."""


class KeyHolder(SigningService, Protocol):
    """Every method raises Refused for what does not fit its rules, Unavailable, Misconfigured."""

    def fetch(self) -> str:
        """Bring the mirror up to date; the branch's commit."""

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        """As `Mirror.push`."""

    def remove(self, ref: str) -> None:
        """As `Mirror.remove`."""

    def forge(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """One call of the forge that needs its token; the answer as JSON."""


def inherited() -> tuple[int, ...]:
    """The socket to the signer process, for programs that this one starts; empty without one."""
    number = os.environ.get(VARIABLE, "")
    return (int(number),) if number.isdecimal() else ()
