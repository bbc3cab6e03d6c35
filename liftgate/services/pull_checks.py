"""Checks the pull requests of people: a commit status, and one comment that is kept up to date.

The head is fetched and read, and nothing of it is executed. A round costs one list of pull requests; of those that
changed, or whose gates may have opened, only so many are looked at in one round.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Final, Protocol

from liftgate.domain.approval.review import Review
from liftgate.domain.common.verdict import Finding
from liftgate.domain.config.configuration import FILE
from liftgate.domain.config.mistakes import RULE
from liftgate.domain.hand_changes.checked import CheckedChange
from liftgate.domain.hand_changes.markdown import change_markdown
from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.forge import CommitStatus, OpenPull, PullRequestChecks
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.span import changed_paths, fork_point, missing_objects
from liftgate.integrations.ledger import git_branch
from liftgate.services.check_change import Asked, Range, check_change
from liftgate.services.one_reading import one_reading
from liftgate.services.ports import HasBranch, HasClock, HasForge, HasRenderer
from liftgate.services.pull_rendering import Parts, rendered_parts, with_parts

log = logging.getLogger(__name__)
ROUND: Final = 60.0
"""Seconds between two rounds; a webhook begins one sooner."""
REST: Final = 3.0
"""Seconds after a round in which webhooks wait for the next one."""
MOST: Final = 20
"""The most pull requests that are looked at in one round; the next round looks at the next ones."""
WITHIN: Final = 30.0
"""Seconds after which a round looks at no more of them."""
AGAIN: Final = 300.0
"""Seconds after which one is looked at again though nothing seems to have changed: a freeze or a soak may be over."""
RECENT: Final = timedelta(minutes=10)
"""A pull request that changed so lately is looked at in each round: the forge's times are not exact."""
_COMMENT: Final = 60_000
"""Characters."""


class Ports(HasBranch, HasClock, HasForge, HasRenderer, Protocol):
    """What these use cases need."""


State = tuple[object, ...]
"""The branch, the ledger and the pauses, as last fetched: what decides besides the pull request and the time."""


@dataclass(frozen=True)
class _Look:
    """What was seen and said of a pull request."""

    at: float
    pull: OpenPull
    state: State
    given: tuple[Review, ...]
    said: CommitStatus
    body: str
    findings: tuple[Finding, ...]


class PullChecks:
    def __init__(self, at: Ports) -> None:
        self.at = one_reading(at)
        self.changed = Event()
        """Set by webhooks."""
        self._looks: dict[int, _Look] = {}
        self._tried: dict[int, float] = {}
        """When each one was looked at last, also without success."""
        self._parts: dict[int, tuple[tuple[str, str], Parts]] = {}
        """What Argo CD rendered of a head, and with which state of the branch."""
        self._said: dict[int, str] = {}
        """Why each one could not be checked, so that it is logged once."""
        self._trouble = ""

    def run(self, stop: Event) -> None:
        """Run until `stop` is set; log every error, and try again."""
        while not stop.is_set():
            try:
                self.once()
                self._trouble = ""
            except LiftgateError as error:
                if str(error) != self._trouble:
                    log.warning("pull requests could not be checked: %s", error)
                self._trouble = str(error)
            except Exception:
                log.exception("the check of pull requests failed; it tries again")
            if not stop.wait(REST):
                _wait(stop, self.changed, ROUND)

    def once(self) -> None:
        """One round. Raises Unavailable, Misconfigured, Refused if pull requests cannot be listed."""
        checks, at = self.at.forge.pull_checks, self.at
        if checks is None:
            return
        self.changed.clear()
        listed = [pull for pull in checks.open_pulls(at.git.branch) if not is_own(pull)]
        self._forget({pull.number for pull in listed})
        if not listed:
            return
        began = at.clock.monotonic()
        state = (at.git.fetch(), at.git.resolve(git_branch.REF), *at.pauses())
        for pull in self._next(listed, state)[:MOST]:
            if at.clock.monotonic() - began > WITHIN:
                break
            self._tried[pull.number] = at.clock.monotonic()
            try:
                self._look(checks, pull, state)
            except LiftgateError as error:
                self._warn(pull.number, f"could not be checked now: {error}")

    def _warn(self, number: int, why: str) -> None:
        if self._said.get(number) != why:
            log.warning("pull request #%s %s", number, why)
        self._said[number] = why

    def _next(self, listed: Sequence[OpenPull], state: State) -> list[OpenPull]:
        """Those that need a look, the one that waited longest first."""
        due = [pull for pull in listed if self._is_due(pull, state)]
        return sorted(due, key=lambda pull: self._tried.get(pull.number, float("-inf")))

    def _is_due(self, pull: OpenPull, state: State) -> bool:
        seen = self._looks.get(pull.number)
        if seen is None or (seen.pull, seen.state) != (pull, state) or pull.updated is None:
            return True
        is_recent = self.at.clock.now() - pull.updated < RECENT
        return is_recent or self.at.clock.monotonic() - seen.at > AGAIN

    def _look(self, checks: PullRequestChecks, pull: OpenPull, state: State) -> None:
        given, now = checks.reviews(pull.number), self.at.clock.monotonic()
        seen = self._looks.get(pull.number)
        if seen and (seen.pull, seen.state, seen.given) == (pull, state, given) and now - seen.at <= AGAIN:
            return
        is_same_head = seen is not None and seen.pull.head == pull.head
        if not is_same_head:
            self.at.git.fetch_objects(pull.ref)
        if not self.at.git.resolve(pull.head):
            return  # it moved since it was listed: the next list has the new one
        checked, is_whole = self._rendered(check_pull(self.at, pull, given), pull)
        status = CommitStatus(state=checked.state, sentence=checked.sentence, url=pull.url)
        body = change_markdown(checked, limit=_COMMENT)
        self._tell(checks, pull, seen, status)
        if seen is None or seen.body != body:
            checks.keep_comment(pull.number, body, create=checked.concerns_liftgate)
        if not is_same_head or seen is None or seen.findings != checked.findings:
            checks.annotate(pull.head, checked.findings)
        self._looks[pull.number] = _Look(
            now if is_whole else now - AGAIN + ROUND, pull, state, given, status, body, checked.findings
        )
        if is_whole:
            self._said.pop(pull.number, None)

    def _rendered(self, checked: CheckedChange, pull: OpenPull) -> tuple[CheckedChange, bool]:
        """With the rendered change, and whether Argo CD answered; asked once for a head and a state of the branch.

        Of a fork nothing is rendered, because tools would run on it.
        """
        if pull.is_fork:
            return checked, True
        key = (pull.head, self.at.git.head)
        known, parts = self._parts.get(pull.number, (("", ""), {}))
        if known != key:
            try:
                parts = rendered_parts(self.at, checked)
            except Unavailable as error:
                self._warn(pull.number, f"could not be rendered now: {error}")
                return checked, False
            if not checked.has_failed:
                self._parts[pull.number] = key, parts
        return with_parts(checked, parts), True

    def _tell(self, checks: PullRequestChecks, pull: OpenPull, seen: _Look | None, status: CommitStatus) -> None:
        """Set the status only where it changes: a forge keeps a limited number for a commit."""
        before = seen.said if seen and seen.pull.head == pull.head else checks.status(pull.head)
        if before is None or not _is_same(before, status):
            checks.set_status(pull.head, status)

    def _forget(self, numbers: Collection[int]) -> None:
        """What was closed or merged."""
        for number in [each for each in self._tried if each not in numbers]:
            self._looks.pop(number, None)
            self._parts.pop(number, None)
            self._said.pop(number, None)
            self._tried.pop(number)


def _wait(stop: Event, changed: Event, seconds: float) -> None:
    """Until one of the two is set, at most so long."""
    for _ in range(int(seconds)):
        if stop.is_set() or changed.wait(1.0):
            return


def is_own(pull: OpenPull) -> bool:
    """Whether it is a promotion's pull request. A branch of a fork may have any name."""
    return not pull.is_fork and pull.branch.startswith(PROPOSALS)


def check_pull(at: Ports, pull: OpenPull, reviews: tuple[Review, ...]) -> CheckedChange:
    """The mirror must have the head. Raises Unavailable, Misconfigured."""
    target, head = at.latest, pull.head
    before = fork_point(at.git, target.commit, head)
    if not before:
        said = f"this pull request shares no commit with {at.git.branch}, so nothing says what it changes"
        return CheckedChange(base="", head=head, findings=(Finding(place="", rule="history", message=said),))
    if found := _unread(at, before, head):
        return CheckedChange(base=before, head=head, findings=found)
    asked = Asked(
        now=at.clock.now(),
        login=at.forge.login,
        account=at.forge.account,
        own_login=at.forge.own_login,
        entries=at.entries(),
        pauses=at.pauses(),
        author=pull.author,
        reviews=reviews,
    )
    try:
        after = _after(at, before, pull)
    except Misconfigured as error:
        return CheckedChange(base=before, head=head, findings=(Finding(place=FILE, rule=RULE, message=str(error)),))
    span = Range(target, at.tree(before), after, head)
    return check_change(span, asked, own_steps=not pull.is_fork)


def _after(at: Ports, before: str, pull: OpenPull) -> ConfigSnapshot:
    """The head. Of a fork's only values are taken, into the branch as it is: a stranger's configuration and schemas,
    with the patterns in them, are not read."""
    if not pull.is_fork:
        return ConfigSnapshot(at.git, pull.head)
    there = ConfigSnapshot(at.git, pull.head, at.latest.configuration)  # a glob means new files too
    values = {path for tree in (at.latest, there) for _, paths in tree.places for path in paths}
    changed = [path for path in changed_paths(at.git, before, pull.head) if path in values]
    files = {path: at.git.file(pull.head, path) for path in changed}
    return ConfigSnapshot(
        at.git, at.git.tree_with(at.latest.commit, {path: file.data if file else None for path, file in files.items()})
    )


def _unread(at: Ports, before: str, head: str) -> tuple[Finding, ...]:
    """A finding for each changed file that the fetch left out because of its size: reading it would fetch it."""
    left_out = missing_objects(at.git, before, head)
    if not left_out:
        return ()
    roots = tuple(f"{root}/" for root in at.latest.configuration.environments.values())
    paths = [path for path in changed_paths(at.git, before, head) if at.git.object_id(head, path) in left_out]
    said = "is larger than 1 MB, which Liftgate does not read"
    return tuple(
        Finding(place=path, rule="size", message=said)
        for path in paths
        if path.endswith(".json") or path.startswith(roots)
    )


def _is_same(one: CommitStatus, other: CommitStatus) -> bool:
    """A forge cuts the sentence."""
    start = other.sentence[:100]
    return one.state == other.state and one.sentence.startswith(start)
