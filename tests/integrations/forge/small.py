"""A forge that Liftgate does not know: what somebody has to write to bring one, besides one line of registration."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from liftgate.domain.approval.policy import Person
from liftgate.domain.approval.review import Review, State
from liftgate.domain.common.verdict import Verdict, passed
from liftgate.errors import Unavailable
from liftgate.integrations.forge import Access, Hook, Merged, MergedPull, PullRequest, Reviewed
from liftgate.integrations.http import client, error_of, json_of, send

WHO = "the small forge"
MINDS: Mapping[str, State] = {"yes": "approved", "no": "changes requested", "taken back": "dismissed"}


class Small:
    own_login = ""
    has_pull_requests = True
    pull_checks = None

    def __init__(self, access: Access) -> None:
        self._access = access
        self._http = client(access.url, {"X-Small-Token": access.token})
        self._kept: dict[str, tuple[float, Reviewed | None]] = {}

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        found, words = self.find(branch, base), {"headline": title, "story": body}
        if found and found.state == "open":
            return _pull(self._json("POST", f"/changes/{found.number}", json=words))
        return _pull(self._json("POST", "/changes", json=words | {"from": branch, "onto": base}))

    def find(self, branch: str, base: str) -> PullRequest | None:
        listed = self._json("GET", "/changes")
        mine = (_pull(each) for each in listed if (each["from"], each["onto"]) == (branch, base))
        return next(mine, None)

    def git_token(self) -> str:
        return ""

    def git_token_refused(self) -> None:
        pass

    def inspect(self, base: str) -> Mapping[str, Verdict]:
        return {"forge": passed(f"it is small, and {base} too")}

    def protection(self) -> None:
        return None

    def merge_problem(self, base: str) -> str:
        landing = self._json("GET", f"/changes/{base}/landing")
        return "" if landing["by_merge"] else "the small forge lands without merge commits"

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        words = {"tip": head, "headline": title, "story": message}
        answer = send(self._http, WHO, "POST", f"/changes/{number}/land", json=words)
        if answer.is_success:
            return Merged(state="merged", commit=json_of(answer, WHO)["landed_as"])
        change = self._decided(number)
        now = _pull(change)
        if now.state == "merged":
            return Merged(state="merged", commit=now.merge_commit)
        if now.head != head:
            return Merged(state="head moved")
        if change["fits"] == "no":
            return Merged(state="conflict")
        if answer.status_code >= 500 or "modified" in answer.text:
            raise Unavailable(f"{WHO} did not merge #{number}")
        if answer.status_code == 405:
            return Merged(state="not ready", reason=answer.json()["why"])
        raise error_of(answer, WHO)

    def _decided(self, number: int) -> Any:
        for _ in range(5):
            change = self._json("GET", f"/changes/{number}")
            if change["fits"] != "not known yet":
                break
            time.sleep(0.2)
        return change

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        asked, kept = self._kept.get(branch, (float("-inf"), None))
        if time.monotonic() - asked < within:
            return kept
        pull = self.find(branch, base)
        given = self._json("GET", f"/changes/{pull.number}/opinions") if pull else ()
        found = Reviewed(pull=pull, reviews=tuple(_review(each) for each in given)) if pull else None
        self._kept[branch] = time.monotonic(), found
        return found

    def merged_with(self, commit: str, base: str) -> MergedPull | None:
        listed = [each for each in self._json("GET", "/changes") if each["onto"] == base]
        for each in listed:
            if each["landed_as"] == commit:
                given = self._json("GET", f"/changes/{each['id']}/opinions")
                whole = self._json("GET", f"/changes/{each['id']}")
                return MergedPull(pull=_pull(whole), by=whole["landed_by"], reviews=tuple(map(_review, given)))
        return None

    def close(self, number: int, branch: str, comment: str) -> None:
        self._json("POST", f"/changes/{number}/drop", json={"why": comment, "from": branch})

    def login(self, person: Person) -> str:
        return person.account("small")

    def account(self, email: str) -> str:
        login, _, host = email.lower().partition("@")
        return login if host == "users.small.test" else ""

    def commit_url(self, commit: str) -> str:
        return f"https://small.test/!{commit}"

    def may_be_proven(self, headers: Mapping[str, str]) -> bool:
        secret = self._access.webhook_secret
        return bool(secret) and hmac.compare_digest(headers.get("x-small-secret", "").encode(), secret.encode())

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hook | None:
        if not self.may_be_proven(headers):
            return None
        try:
            event = json.loads(body)
            return Hook(reviewed=event["from"] if event["about"] == "opinion" else "")
        except (ValueError, TypeError, KeyError):
            return Hook()

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return json_of(send(self._http, WHO, method, path, **options), WHO)


def _pull(change: dict[str, Any]) -> PullRequest:
    return PullRequest(
        number=change["id"],
        url=change["page"],
        head=change["tip"],
        state={"proposed": "open", "landed": "merged"}.get(change["phase"], "closed"),
        merge_commit=change["landed_as"] or "",
        author=change["by"],
    )


def _review(opinion: dict[str, Any]) -> Review:
    state = MINDS.get(opinion["mind"], "other")
    return Review(login=opinion["who"], state=state, commit=opinion["of"], text=opinion["words"])
