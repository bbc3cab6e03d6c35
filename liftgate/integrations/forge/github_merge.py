"""Merging a pull request on GitHub: what stands in the way is read before, and what an error meant is read after."""

from __future__ import annotations

import re
import time
from typing import Final

import httpx

from liftgate.domain.approval.change_gates import STATUS_CHECK
from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.forge import Merged
from liftgate.integrations.forge import github_own_check as own_check
from liftgate.integrations.forge.github_answers import Merge, Pull, read
from liftgate.integrations.forge.github_approvals import review_problem
from liftgate.integrations.forge.github_checks import merge_problem, required_checks, rules_of, standing
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.http import error_of, json_of, message_of

_BUSY: Final = ("base branch was modified", "merge already in progress", "is not mergeable")
"""GitHub gives a passing trouble the same status as a rule: only these sentences of it tell them apart."""
_CHECKS_WAIT: Final = re.compile(r"status checks? .*\b(expected|pending)\b")
"""The same of checks that our token may not read."""
_COMPUTING: Final = (0.2, 0.4, 0.8, 1.6, 3.0)
_LOOKS: Final = 10.0
"""Seconds between two looks at checks that are not done."""
_REMEMBERED: Final = 200


class Merging:
    """`deadline`: seconds that required checks may take from the first try to merge."""

    def __init__(self, rest: Rest, deadline: float) -> None:
        self._rest, self._deadline = rest, deadline
        self._waiting_since: dict[tuple[int, str], float] = {}

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        pull = self._computed(number)
        if done := self._standing(pull, head) or self._not_ready(pull):
            return done
        wanted = {"sha": head, "merge_method": "merge", "commit_title": title, "commit_message": message}
        try:
            response = self._rest.send("PUT", f"/pulls/{number}/merge", json=wanted)
        except Unavailable as error:
            return self._after_doubt(number, head, None, error)
        if response.is_success:
            said = read(Merge, json_of(response, WHO), f"/pulls/{number}/merge")
            if said.merged and said.sha:
                return Merged(state="merged", commit=said.sha)
        return self._after_doubt(number, head, response, _meaning(response, number))

    def _after_doubt(self, number: int, head: str, response: httpx.Response | None, error: LiftgateError) -> Merged:
        """What an error meant is decided by reading the pull request again, never by the error alone."""
        pull = self._computed(number)
        if done := self._standing(pull, head):
            return done
        if response is None or response.status_code != 405:
            raise error
        if done := self._not_ready(pull):
            return done
        said = message_of(response)
        if pull.mergeable is None or any(text in said.lower() for text in _BUSY):
            raise Unavailable(f"{WHO} is not ready to merge #{number}: {said}")
        if _CHECKS_WAIT.search(said) and "fail" not in said:
            return self._wait_for(pull, said)
        return Merged(state="not ready", reason=said)

    def _computed(self, number: int) -> Pull:
        """The pull request once GitHub knows whether it can be merged; it begins to compute when asked."""
        for pause in _COMPUTING:
            path = f"/pulls/{number}"
            pull = read(Pull, self._rest.json("GET", path), path)
            if pull.mergeable is not None or pull.state != "open":
                break
            time.sleep(pause)
        return pull

    @staticmethod
    def _standing(pull: Pull, head: str) -> Merged | None:
        """What needs no try; None for an open pull request at the expected head without a conflict."""
        now = pull.as_ours
        if now.state == "merged":
            return Merged(state="merged", commit=now.merge_commit)
        if now.state == "closed":
            return Merged(state="refused", reason="the pull request was closed")
        if now.head != head:
            return Merged(state="head moved", reason="the branch of the pull request has a new commit")
        if pull.mergeable_state == "dirty":
            return Merged(state="conflict", reason="the pull request conflicts with the branch")
        if pull.draft:
            return Merged(state="not ready", reason="the pull request is a draft")
        return None

    def _not_ready(self, pull: Pull) -> Merged | None:
        """By rules, checks and reviews as they are now. Raises Unavailable while required checks are not done."""
        branch = pull.base.ref
        rules = rules_of(self._rest, branch)
        if problem := merge_problem(self._rest, branch, rules):
            return Merged(state="not ready", reason=problem)
        needed = required_checks(self._rest, branch, rules)
        if any(each.context == STATUS_CHECK for each in needed):
            own_check.say_that_the_gates_are_open(self._rest, branch, pull.head.sha)
        checks = standing(self._rest, pull.head.sha, needed)
        if checks.failed:
            return Merged(state="not ready", reason=f"required checks failed: {', '.join(checks.failed)}")
        if checks.waiting:
            return self._wait_for(pull, f"required checks are not done: {', '.join(checks.waiting)}")
        if problem := review_problem(self._rest, pull, rules):
            return Merged(state="not ready", reason=problem)
        return None

    def _wait_for(self, pull: Pull, said: str) -> Merged:
        """Not here: the caller tries again, and looks each time whether its gate is still open."""
        key, now = (pull.number, pull.head.sha), time.monotonic()
        since = self._waiting_since.setdefault(key, now)
        for old in list(self._waiting_since)[:-_REMEMBERED]:
            self._waiting_since.pop(old, None)  # another thread may have been quicker
        if now - since < self._deadline:
            raise Unavailable(f"pull request #{pull.number}: {said}", retry_after=_LOOKS)
        return Merged(state="not ready", reason=f"{said}, after {self._deadline:g} s")


def _meaning(response: httpx.Response, number: int) -> LiftgateError:
    if response.is_success or response.status_code == 409:
        return Unavailable(f"{WHO} answered that it did not merge #{number}: {message_of(response)}")
    return error_of(response, WHO)
