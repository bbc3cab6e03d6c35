"""GitHub's pull requests: github.com, GitHub Enterprise Server, and GitHub with data residency."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlsplit

from liftgate.domain.approval.policy import Person
from liftgate.domain.common.names import host_of, repository_of
from liftgate.domain.common.verdict import Verdict
from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.forge import (
    Access,
    Hook,
    Merged,
    MergedPull,
    PullRequest,
    Reviewed,
    github_doctor,
    github_merged,
)
from liftgate.integrations.forge.github_answers import Comment, Pull, Repository, read, read_list
from liftgate.integrations.forge.github_app import AppTokens, FixedToken
from liftgate.integrations.forge.github_checks import merge_problem, method_problem, rules_of
from liftgate.integrations.forge.github_limits import Limits
from liftgate.integrations.forge.github_merge import Merging
from liftgate.integrations.forge.github_protection import GitHubProtection, page_of
from liftgate.integrations.forge.github_pull_checks import PullChecks
from liftgate.integrations.forge.github_rest import WHO, Credential, Rest
from liftgate.integrations.forge.github_reviews import WaitingReviews
from liftgate.integrations.forge.github_webhook import hook_of
from liftgate.integrations.forge.protection import Protection
from liftgate.integrations.forge.signed import is_signed, may_be_signed
from liftgate.integrations.http import error_of, json_of

log = logging.getLogger(__name__)
_BODY_LIMIT: Final = 65_000
_OWN_ADDRESS: Final = "noreply@github.com"
_PRIVATE: Final = re.compile(r"(\d+\+)?(?P<login>[A-Za-z0-9-]+)@users\.noreply\.[A-Za-z0-9.-]+", re.IGNORECASE)


class GitHub:
    has_pull_requests = True
    own_login = "web-flow"

    def __init__(self, access: Access) -> None:
        self._access = access
        self._given_to_git = ""

    @cached_property
    def _credential(self) -> Credential:
        access, rest = self._access, self._rest_address
        if access.app_id or access.app_key:
            return AppTokens(rest, self._name, access.app_id, access.app_key)
        return FixedToken(access.token)

    @cached_property
    def _rest(self) -> Rest:
        access = self._access
        of_whom = f"{self._rest_address}\n{access.app_id or access.token}"
        name = hashlib.sha256(of_whom.encode()).hexdigest()[:16]
        limits = Limits(access.memory / "limits" / name if access.memory else None)
        return Rest(self._rest_address, self._name, self._credential, limits)

    @property
    def _rest_address(self) -> str:
        return self._access.url or api_of(self._access.remote)

    @property
    def _name(self) -> str:
        return self._access.repository or repository_of(self._access.remote)

    @cached_property
    def _merging(self) -> Merging:
        return Merging(self._rest, self._access.deadline)

    @cached_property
    def pull_checks(self) -> PullChecks:
        return PullChecks(self._rest, is_app=bool(self._access.app_id))

    @cached_property
    def _waiting(self) -> WaitingReviews:
        return WaitingReviews(self._rest, self._newest)

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        text = {"title": title, "body": body[:_BODY_LIMIT]}
        if found := self._brought_up_to_date(branch, base, text):
            return found
        wanted = text | {"head": branch, "base": base, "maintainer_can_modify": False}
        response = self._rest.send("POST", "/pulls", json=wanted)
        if response.status_code != 422:
            return read(Pull, json_of(response, WHO), "/pulls").as_ours
        if found := self._brought_up_to_date(branch, base, text):
            return found
        refused = error_of(response, WHO)
        # Only its sentence says it: what was made a moment ago may not be listed yet.
        raise Unavailable(str(refused)) if "already exists" in str(refused) else refused

    def _brought_up_to_date(self, branch: str, base: str, text: Mapping[str, str]) -> PullRequest | None:
        found = self.find(branch, base)
        if found is None or found.state != "open":
            return None
        self._rest.json("PATCH", f"/pulls/{found.number}", json=dict(text))
        return found

    def find(self, branch: str, base: str) -> PullRequest | None:
        found = self._newest(branch, base)
        return found.as_ours if found else None

    def _newest(self, branch: str, base: str) -> Pull | None:
        listed = self._listed(branch, base)
        # A server that ignores the filter answers with all of them; a fork of the same owner fits the filter.
        return next((pull for pull in listed if pull.head.ref == branch and pull.is_of_the_repository), None)

    def _listed(self, branch: str, base: str) -> list[Pull]:
        before = self._rest.repository
        head = f"{before.partition('/')[0]}:{branch}"
        listed = self._rest.get("/pulls", head=head, base=base, state="all", sort="created", direction="desc")
        if self._rest.repository != before:  # renamed: the filter named the old owner
            return self._listed(branch, base)
        return read_list(Pull, listed, "/pulls")

    def git_token(self) -> str:
        self._given_to_git = self._credential.token() if self._access.app_id or self._access.app_key else ""
        return self._given_to_git

    def git_token_refused(self) -> None:
        if self._given_to_git:
            self._credential.renew(self._given_to_git)

    def inspect(self, base: str) -> Mapping[str, Verdict]:
        return github_doctor.inspect(self._rest, base)

    def protection(self) -> Protection:
        signed_in = self._credential
        app = signed_in.identity if isinstance(signed_in, AppTokens) else None
        return GitHubProtection(self._rest, page_of(self._access.remote, self._name), app)

    def merge_problem(self, base: str) -> str:
        allowed = read(Repository, self._rest.get(""), self._rest.repository).allow_merge_commit
        return method_problem(self._rest, allowed) or merge_problem(self._rest, base, rules_of(self._rest, base))

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        return self._merging.merge(number, head=head, title=title, message=message)

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        return self._waiting.reviewed(branch, base, within)

    def merged_with(self, commit: str, base: str) -> MergedPull | None:
        return github_merged.merged_with(self._rest, commit, base)

    def close(self, number: int, branch: str, comment: str) -> None:
        path = f"/pulls/{number}"
        pull = read(Pull, self._rest.json("GET", path), path)
        if pull.state == "open" and pull.head.ref == branch:
            self._comment(number, comment)
            self._rest.json("PATCH", path, json={"state": "closed"})
        self._delete_branch(branch)

    def _comment(self, number: int, comment: str) -> None:
        """Once, however often it is tried. It is only for people: what forbids it must not keep the pull request
        open."""
        path = f"/issues/{number}/comments"
        try:
            if all(read(Comment, each, path).body != comment for each in self._rest.pages(path)):
                self._rest.json("POST", path, json={"body": comment})
        except LiftgateError as error:
            log.warning("pull request #%s is closed without a comment: %s", number, error)

    def _delete_branch(self, branch: str) -> None:
        """A branch that is gone already is no error."""
        response = self._rest.send("DELETE", f"/git/refs/heads/{quote(branch)}")
        if response.status_code not in (204, 404, 422):
            raise error_of(response, WHO)

    def login(self, person: Person) -> str:
        return person.account("github")

    def account(self, email: str) -> str:
        """`ID+LOGIN@users.noreply.github.com`, of older accounts without the id; other hosts have their own names."""
        own = (_OWN_ADDRESS, f"noreply@{host_of(self._access.remote)}")  # an Enterprise Server has its own
        if email.lower() in own:
            return self.own_login
        found = _PRIVATE.fullmatch(email)
        return found["login"] if found else ""

    def commit_url(self, commit: str) -> str:
        """Beside the repository that git clones over HTTP; without a sign-in that its address may have."""
        remote = urlsplit(self._access.remote.rstrip("/").removesuffix(".git"))
        if remote.scheme not in ("http", "https"):
            return ""
        return remote._replace(netloc=remote.netloc.rpartition("@")[2], path=f"{remote.path}/commit/{commit}").geturl()

    def may_be_proven(self, headers: Mapping[str, str]) -> bool:
        return may_be_signed(self._access.webhook_secret, headers)

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hook | None:
        if not is_signed(self._access.webhook_secret, headers, body):
            return None
        return hook_of(headers, body)


def api_of(remote: str) -> str:
    """The API beside a repository's address: github.com's, that of data residency, or an Enterprise Server's."""
    host = host_of(remote)
    if host in ("", "github.com", "ssh.github.com", "www.github.com"):
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    web = urlsplit(remote)
    if web.scheme in ("http", "https"):
        return f"{web.scheme}://{web.netloc.rpartition('@')[2]}/api/v3"
    return f"https://{host}/api/v3"
