"""Pull requests of people on GitHub: their list, reviews, the commit status, and our one comment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from liftgate.domain.approval.change_gates import STATUS_CHECK
from liftgate.domain.approval.review import Review as OurReview
from liftgate.domain.common.verdict import Finding
from liftgate.domain.hand_changes.checked import State
from liftgate.integrations.forge import CHECK_COMMENT, CommitStatus, OpenPull
from liftgate.integrations.forge.github_annotations import annotate
from liftgate.integrations.forge.github_answers import Comment, Pull, read
from liftgate.integrations.forge.github_checks import statuses_of
from liftgate.integrations.forge.github_merged import reviews_of
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.http import json_of

_LONGEST: Final = 65_000
_SENTENCE: Final = 140
"""Characters of a status' description."""
_REMEMBERED: Final = 500
_STATES: Final[dict[str, State]] = {"success": "success", "pending": "pending"}


class Known(NamedTuple):
    id: int
    body: str


class PullChecks:
    def __init__(self, rest: Rest, *, is_app: bool) -> None:
        self._rest, self._is_app = rest, is_app
        self._comments: OrderedDict[int, Known] = OrderedDict()
        """Ours, by the number of the pull request; those that were not used for longest go first."""

    def open_pulls(self, base: str) -> tuple[OpenPull, ...]:
        listed = self._rest.pages("/pulls", state="open", base=base)
        return tuple(open_pull(read(Pull, each, "/pulls")) for each in listed)

    def reviews(self, number: int) -> tuple[OurReview, ...]:
        return reviews_of(self._rest, number)

    def status(self, head: str) -> CommitStatus | None:
        found = next((each for each in statuses_of(self._rest, head) if each.context == STATUS_CHECK), None)
        if found is None:
            return None
        state = _STATES.get(found.state, "failure")
        return CommitStatus(state=state, sentence=found.description or "", url=found.target_url or "")

    def set_status(self, head: str, status: CommitStatus) -> None:
        given = {"state": status.state, "context": STATUS_CHECK, "description": _cut(status.sentence)}
        given |= {"target_url": status.url} if status.url.startswith(("http://", "https://")) else {}
        self._rest.json("POST", f"/statuses/{head}", json=given)

    def annotate(self, head: str, findings: Sequence[Finding]) -> None:
        """GitHub takes check runs from Apps only."""
        if self._is_app:
            annotate(self._rest, head, findings)

    def keep_comment(self, number: int, body: str, *, create: bool = True) -> None:
        text = f"{CHECK_COMMENT}\n{body}"[:_LONGEST]
        for _ in range(2):
            known = self._comments.get(number) or self._found(number)
            if known is None:
                if create:
                    made = self._rest.json("POST", f"/issues/{number}/comments", json={"body": text})
                    self._remember(number, Known(read(Comment, made, "/comments").id, text))
                return
            if known.body == text:
                return
            response = self._rest.send("PATCH", f"/issues/comments/{known.id}", json={"body": text})
            if response.status_code != 404:
                json_of(response, WHO)
                self._remember(number, Known(known.id, text))
                return
            self._comments.pop(number, None)  # a person deleted it

    def _found(self, number: int) -> Known | None:
        """By marker and author. Where two servers made one each, the older one stays."""
        own = self._rest.own_account.lower()
        path = f"/issues/{number}/comments"
        listed = (read(Comment, each, path) for each in self._rest.pages(path))
        ours = [
            each
            for each in listed
            if each.user and each.user.login.lower() == own and (each.body or "").startswith(CHECK_COMMENT)
        ]
        for other in ours[1:]:
            self._rest.send("DELETE", f"/issues/comments/{other.id}")
        if not ours:
            return None
        return self._remember(number, Known(ours[0].id, ours[0].body or ""))

    def _remember(self, number: int, known: Known) -> Known:
        self._comments[number] = known
        self._comments.move_to_end(number)
        while len(self._comments) > _REMEMBERED:
            self._comments.popitem(last=False)
        return known


def _cut(sentence: str) -> str:
    """As much of it as a status shows."""
    return sentence if len(sentence) <= _SENTENCE else sentence[: _SENTENCE - 1] + "…"


def open_pull(pull: Pull) -> OpenPull:
    try:
        updated = datetime.fromisoformat(pull.updated_at)
    except ValueError:
        updated = None
    return OpenPull(
        number=pull.number,
        url=pull.html_url,
        head=pull.head.sha,
        branch=pull.head.ref,
        author=pull.user.login if pull.user else "",
        updated=updated if updated and updated.tzinfo else None,
        is_fork=not pull.is_of_the_repository,
        ref=f"refs/pull/{pull.number}/head",
    )
