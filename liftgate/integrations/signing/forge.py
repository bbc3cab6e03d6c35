"""A forge whose token another process has: what needs no token is answered here, the rest is asked there."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.approval.policy import Person
from liftgate.domain.common.verdict import Verdict
from liftgate.integrations.forge import Forge, Hook, Merged, MergedPull, PullRequest, Reviewed
from liftgate.integrations.signing import KeyHolder


def held(local: Forge, holder: KeyHolder | None) -> Forge:
    """The forge itself where there is no holder."""
    return HeldForge(local, holder) if holder else local


class HeldForge:
    pull_checks = None
    """The Liftgate server checks pull requests; a worker never does."""

    def __init__(self, local: Forge, holder: KeyHolder) -> None:
        """`local` has no token."""
        self._local, self._holder = local, holder
        self.has_pull_requests = local.has_pull_requests
        self.own_login = local.own_login

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        given = {"branch": branch, "base": base, "title": title, "body": body}
        return PullRequest.model_validate(self._holder.forge("propose", given))

    def find(self, branch: str, base: str) -> PullRequest | None:
        found = self._holder.forge("find", {"branch": branch, "base": base})
        return PullRequest.model_validate(found) if found else None

    def git_token(self) -> str:
        """The holder of the token runs git."""
        return ""

    def git_token_refused(self) -> None:
        """Nothing was given."""

    def inspect(self, base: str) -> Mapping[str, Verdict]:
        return self._local.inspect(base)

    def protection(self) -> None:
        """The worker has no right to it."""

    def merge_problem(self, base: str) -> str:
        return str(self._holder.forge("merge_problem", {"base": base}))

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        given = {"number": number, "head": head, "title": title, "message": message}
        return Merged.model_validate(self._holder.forge("merge", given))

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        found = self._holder.forge("reviewed", {"branch": branch, "base": base, "within": within})
        return Reviewed.model_validate(found) if found else None

    def merged_with(self, commit: str, base: str) -> MergedPull | None:
        found = self._holder.forge("merged_with", {"commit": commit, "base": base})
        return MergedPull.model_validate(found) if found else None

    def close(self, number: int, branch: str, comment: str) -> None:
        self._holder.forge("close", {"number": number, "branch": branch, "comment": comment})

    def login(self, person: Person) -> str:
        return self._local.login(person)

    def account(self, email: str) -> str:
        return self._local.account(email)

    def commit_url(self, commit: str) -> str:
        return self._local.commit_url(commit)

    def may_be_proven(self, headers: Mapping[str, str]) -> bool:
        return self._local.may_be_proven(headers)

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hook | None:
        return self._local.webhook(headers, body)
