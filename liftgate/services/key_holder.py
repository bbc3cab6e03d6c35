"""The worker's key and its access to the repository, behind the checks: what a signer process answers with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from liftgate.domain.commits import signature
from liftgate.domain.common.value import Value
from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.errors import Refused
from liftgate.integrations.git.mirror import Pushed
from liftgate.services.pushable import check_merge, check_push, check_removal
from liftgate.services.signable_chain import check_chained_request
from liftgate.services.signable_commit import Ports, check_commit
from liftgate.services.signable_entry import check_entry

CHECKS: Final[Mapping[str, Callable[[Ports, bytes], None]]] = {
    signature.COMMITS: check_commit,
    signature.LEDGER: check_entry,
    signature.RUNS: check_chained_request,
}
"""For each namespace that the worker's key signs for, what it checks before."""
_FORGE: Final[Mapping[str, Mapping[str, type | tuple[type, ...]]]] = {
    "propose": {"branch": str, "base": str, "title": str, "body": str},
    "find": {"branch": str, "base": str},
    "merged_with": {"commit": str, "base": str},
    "reviewed": {"branch": str, "base": str, "within": (int, float)},
    "close": {"number": int, "branch": str, "comment": str},
    "merge_problem": {"base": str},
    "merge": {"number": int, "head": str, "title": str, "message": str},
}
"""The calls of the forge that can be asked for, with their arguments."""


class CheckedKeyHolder:
    """`at` has the key, the token and all else that the worker knows."""

    def __init__(self, at: Ports) -> None:
        self._at = at

    def public_half(self) -> bytes:
        return signature.public_bytes(self._at.worker_key)

    def signature(self, message: bytes, namespace: str) -> str:
        if namespace not in CHECKS:
            raise Refused(f'the worker signs nothing for "{namespace}"')
        CHECKS[namespace](self._at, message)
        return signature.sign(message, self._at.worker_key, namespace)

    def fetch(self) -> str:
        return self._at.git.fetch()

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        check_push(self._at, sha, ref, expected)
        if needless:
            check_removal(needless)
        return self._at.git.push(sha, ref, expected, needless)

    def remove(self, ref: str) -> None:
        check_removal(ref)
        self._at.git.remove(ref)

    def forge(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """A proposal, its reviews and its merge, and how a commit came to the branch; no other branch than those of
        proposals."""
        wanted = _FORGE.get(verb, {})
        if not wanted or wanted.keys() != arguments.keys() or not _fit(wanted, arguments):
            raise Refused(f'the worker does not ask the forge to "{verb}" this')
        if verb == "merge":
            check_merge(self._at, arguments["head"])
        elif not arguments.get("branch", PROPOSALS).startswith(PROPOSALS):
            raise Refused("the worker asks the forge about its proposals only")
        if arguments.get("base", self._at.git.branch) != self._at.git.branch:
            raise Refused(f"proposals go to {self._at.git.branch} only")
        answer = getattr(self._at.forge, verb)(**arguments)
        return answer.model_dump(mode="json") if isinstance(answer, Value) else answer


def _fit(wanted: Mapping[str, type | tuple[type, ...]], arguments: Mapping[str, Any]) -> bool:
    return all(isinstance(arguments[name], kind) for name, kind in wanted.items())
