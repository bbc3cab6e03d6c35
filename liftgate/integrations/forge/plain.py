"""A plain git remote: no pull requests; policy that asks for one is told so before anything happens."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.approval.policy import Person
from liftgate.domain.common.verdict import Verdict, not_configured
from liftgate.errors import Misconfigured
from liftgate.integrations.forge import Access, Hook, Merged, MergedPull, PullRequest, Reviewed
from liftgate.integrations.forge.signed import is_signed, may_be_signed

_NONE = "this repository has no pull requests: set LIFTGATE_FORGE__KIND, or deliver by push"


class PlainRemote:
    has_pull_requests = False
    own_login = ""
    pull_checks = None

    def __init__(self, access: Access) -> None:
        self._secret = access.webhook_secret

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        raise Misconfigured(_NONE)

    def find(self, branch: str, base: str) -> PullRequest | None:
        return None

    def git_token(self) -> str:
        return ""

    def git_token_refused(self) -> None:
        pass

    def inspect(self, base: str) -> Mapping[str, Verdict]:
        return {"forge": not_configured("a plain remote without pull requests")}

    def protection(self) -> None:
        return None

    def merge_problem(self, base: str) -> str:
        return ""

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        raise Misconfigured(_NONE)

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        return None

    def merged_with(self, commit: str, base: str) -> MergedPull | None:
        return None

    def close(self, number: int, branch: str, comment: str) -> None:
        """Nothing was ever opened."""

    def login(self, person: Person) -> str:
        """There are no reviews here; a sign-in proxy may use these names."""
        return person.account("git")

    def account(self, email: str) -> str:
        return ""

    def commit_url(self, commit: str) -> str:
        return ""

    def may_be_proven(self, headers: Mapping[str, str]) -> bool:
        return may_be_signed(self._secret, headers)

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hook | None:
        """Whatever the host is that tells of a push."""
        return Hook() if is_signed(self._secret, headers, body) else None
