"""GitHub's pull requests (docs.github.com/en/rest/pulls, API version 2022-11-28)."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx

from liftgate.domain.approval.policy import Person
from liftgate.domain.approval.review import Review, State
from liftgate.domain.common.names import repository_of
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.forge import Access, Hook, Merged, PullRequest, Reviewed
from liftgate.integrations.forge.signed import is_signed, may_be_signed
from liftgate.integrations.http import client, error_of, json_of, message_of, send

WHO = "the forge"
_PUBLIC = "https://api.github.com"
_BUSY = ("base branch was modified", "merge already in progress", "is not mergeable")
_BODY_LIMIT = 65_000
_PAGE, _PAGES = 100, 20
_KEPT = 300.0
_OWN_ADDRESS = "noreply@github.com"
_PRIVATE = re.compile(r"(\d+\+)?(?P<login>[A-Za-z0-9-]+)@users\.noreply\.[A-Za-z0-9.-]+", re.IGNORECASE)
_STATES: Mapping[str, State] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes requested",
    "DISMISSED": "dismissed",
}
_ONLY_MERGE = "Liftgate needs merge commits, because squash and rebase drop its signed commit"
_COMPUTING = (0.2, 0.4, 0.8, 1.6, 3.0)


class GitHub:
    has_pull_requests = True
    own_login = "web-flow"

    def __init__(self, access: Access) -> None:
        self._access = access
        self._repository = access.repository or repository_of(access.remote)
        self._reviewed: dict[str, tuple[float, Reviewed | None]] = {}

    @cached_property
    def _http(self) -> httpx.Client:
        if not self._access.token:
            raise Misconfigured("the forge needs a token: set LIFTGATE_FORGE__TOKEN or LIFTGATE_REPOSITORY__TOKEN")
        headers = {
            "Authorization": f"Bearer {self._access.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        base = (self._access.url or _PUBLIC).rstrip("/")
        return client(f"{base}/repos/{self._repository}", headers)

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        found = self.find(branch, base)
        text = {"title": title, "body": body[:_BODY_LIMIT]}
        if found and found.state == "open":
            self._json("PATCH", f"/pulls/{found.number}", json=text)
            return found
        wanted = text | {"head": branch, "base": base, "maintainer_can_modify": False}
        response = send(self._http, WHO, "POST", "/pulls", json=wanted)
        if response.status_code == 422 and "already exists" in response.text:
            raise Unavailable("the forge has this pull request but does not list it yet")
        return _pull(json_of(response, WHO))

    def find(self, branch: str, base: str) -> PullRequest | None:
        query = {
            "head": f"{self._repository.partition('/')[0]}:{branch}",
            "base": base,
            "state": "all",
            "sort": "created",
            "direction": "desc",
        }
        pulls = self._json("GET", "/pulls", params=query)
        # A forge that ignores the filter answers with all of them.
        mine = [pull for pull in pulls if pull["head"]["ref"] == branch]
        return _pull(mine[0]) if mine else None

    def merge_problem(self, base: str) -> str:
        whole: dict[str, Any] = self._json("GET", str(self._http.base_url).rstrip("/"))
        if whole.get("allow_merge_commit") is False:
            return f"{_ONLY_MERGE}: turn on allow_merge_commit in the settings of {self._repository}"
        response = send(self._http, WHO, "GET", f"/rules/branches/{base}")
        if response.status_code in (403, 404):
            return ""
        rules = [rule for rule in json_of(response, WHO) if _forbids_merges(rule)]
        return f"{_ONLY_MERGE}: the rule {rules[0]['type']} of {base} forbids them" if rules else ""

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        wanted = {"sha": head, "merge_method": "merge", "commit_title": title, "commit_message": message}
        try:
            response = send(self._http, WHO, "PUT", f"/pulls/{number}/merge", json=wanted)
        except Unavailable:
            return self._after_doubt(number, head, "the answer was lost")
        if response.is_success:
            return Merged(state="merged", commit=str(json_of(response, WHO)["sha"]))
        return self._after_doubt(number, head, message_of(response), response)

    def _after_doubt(self, number: int, head: str, said: str, response: httpx.Response | None = None) -> Merged:
        """What an error meant is decided by reading the pull request again, never by the error alone."""
        pull = self._computed(number)
        now = _pull(pull)
        if now.state == "merged":
            return Merged(state="merged", commit=now.merge_commit)
        if now.state == "closed":
            return Merged(state="refused", reason="the pull request was closed")
        if now.head != head:
            return Merged(state="head moved", reason="the branch of the pull request has a new commit")
        if pull.get("mergeable_state") == "dirty":
            return Merged(state="conflict", reason="the pull request conflicts with the branch")
        if response is None or response.status_code >= 500 or response.status_code == 429:
            raise Unavailable(f"the forge did not merge #{number}: {said}")
        if response.status_code == 405:
            return self._not_yet(said)
        raise error_of(response, WHO)

    def _computed(self, number: int) -> dict[str, Any]:
        """The pull request once the forge knows whether it can be merged; it begins to compute when asked."""
        for pause in _COMPUTING:
            pull: dict[str, Any] = self._json("GET", f"/pulls/{number}")
            if pull.get("mergeable") is not None or pull["state"] != "open":
                break
            time.sleep(pause)
        return pull

    @staticmethod
    def _not_yet(said: str) -> Merged:
        if any(text in said.lower() for text in _BUSY):
            raise Unavailable(f"the forge is not ready to merge: {said}")
        return Merged(state="not ready", reason=said)

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        asked, kept = self._reviewed.get(branch, (float("-inf"), None))
        if time.monotonic() - asked < within:
            return kept
        pull = self.find(branch, base)
        found = Reviewed(pull=pull, reviews=self._reviews(pull.number)) if pull else None
        fresh = {name: each for name, each in self._reviewed.items() if time.monotonic() - each[0] < _KEPT}
        self._reviewed = fresh | {branch: (time.monotonic(), found)}
        return found

    def _reviews(self, number: int) -> tuple[Review, ...]:
        found: list[Any] = []
        for page in range(1, _PAGES + 1):
            query = {"per_page": _PAGE, "page": page}
            listed = self._json("GET", f"/pulls/{number}/reviews", params=query)
            found += listed
            if len(listed) < _PAGE:
                return tuple(_review(each) for each in found)
        raise Refused(f"pull request #{number} has more than {_PAGE * _PAGES} reviews; the newest may be missing")

    def close(self, number: int, branch: str, comment: str) -> None:
        pull = _pull(self._json("GET", f"/pulls/{number}"))
        if pull.state == "open":
            self._json("POST", f"/issues/{number}/comments", json={"body": comment})
            self._json("PATCH", f"/pulls/{number}", json={"state": "closed"})
        self.delete_branch(branch)

    def delete_branch(self, branch: str) -> None:
        """A branch that is gone already is no error."""
        response = send(self._http, WHO, "DELETE", f"/git/refs/heads/{branch}")
        if response.status_code not in (204, 404, 422):
            raise error_of(response, WHO)

    def login(self, person: Person) -> str:
        return person.account("github")

    def account(self, email: str) -> str:
        """`ID+LOGIN@users.noreply.github.com`, of older accounts without the id; other hosts have their own names."""
        if email.lower() == _OWN_ADDRESS:
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
        return Hook(reviewed=_branch(body) if headers.get("x-github-event") == "pull_request_review" else "")

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return json_of(send(self._http, WHO, method, path, **options), WHO)


def _forbids_merges(rule: dict[str, Any]) -> bool:
    methods = (rule.get("parameters") or {}).get("allowed_merge_methods")
    return rule.get("type") == "required_linear_history" or (methods is not None and "merge" not in methods)


def _branch(body: bytes) -> str:
    """Empty for anything but an event of a pull request."""
    try:
        return str(loads(body)["pull_request"]["head"]["ref"])
    except (UnreadableJson, KeyError, TypeError):
        return ""


def _review(data: dict[str, Any]) -> Review:
    user = data.get("user") or {}
    return Review(
        login=str(user.get("login", "")),
        state=_STATES.get(str(data.get("state", "")).upper(), "other"),
        commit=str(data.get("commit_id") or ""),
        text=str(data.get("body") or ""),
    )


def _pull(data: dict[str, Any]) -> PullRequest:
    if "number" not in data or "head" not in data:
        raise Refused("the forge answered something that is no pull request; is LIFTGATE_FORGE__URL right?")
    merged = bool(data.get("merged") or data.get("merged_at"))
    return PullRequest(
        number=data["number"],
        url=str(data.get("html_url", "")),
        head=data["head"]["sha"],
        state="merged" if merged else data["state"],
        merge_commit=str(data.get("merge_commit_sha") or "") if merged else "",
        author=str((data.get("user") or {}).get("login", "")),
    )
