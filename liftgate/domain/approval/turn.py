"""Promotions that wait for the same environment: which one goes on, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import AwareDatetime

from liftgate.domain.common.value import Value

Waiting = Literal["supersede", "queue"]
"""What happens when a promotion comes to a gate where an earlier one waits."""


class Candidate(Value):
    """A promotion of one application at the gate of one environment, or before it."""

    promotion: str
    release: str
    version: str = ""
    source: str = ""
    """The commit that fixes the release."""
    paths: tuple[str, ...] = ()
    """The release's files at that commit."""
    requested_at: AwareDatetime
    allow_downgrade: bool = False

    @property
    def name(self) -> str:
        """The version, or the start of the release's id."""
        return self.version or self.release.removeprefix("sha256:")[:12]


class Turn(Value):
    """Whether a promotion may go on as far as the others are concerned."""

    state: Literal["now", "later", "superseded", "refused"] = "now"
    reason: str = ""
    other: str = ""
    """The id of the promotion because of which it waits or ends."""

    @property
    def ends(self) -> bool:
        return self.state in ("superseded", "refused")


IsOlder = Callable[[Candidate, Candidate], bool]


def turn_of(mine: Candidate, others: Iterable[Candidate], waiting: Waiting, is_older: IsOlder) -> Turn:
    """Every promotion in the line finds the same: with `supersede` exactly one of them goes on."""
    line = sorted({each.promotion: each for each in (*others, mine)}.values(), key=_order)
    return _in_queue(mine, line) if waiting == "queue" else _last_standing(mine, line, is_older)


def _order(candidate: Candidate) -> tuple[AwareDatetime, str]:
    """By request; the id decides between two of the same moment."""
    return candidate.requested_at, candidate.promotion


def _last_standing(mine: Candidate, line: list[Candidate], is_older: IsOlder) -> Turn:
    """Each one meets the one that stands so far, in the order of the requests; one of the two ends."""
    standing, *later = line
    for each in later:
        refused = _refused(each, standing, is_older)
        if refused is None:
            standing, ended = each, standing
            turn = Turn(state="superseded", reason=_SUPERSEDED.format(**_words(standing)), other=standing.promotion)
        else:
            ended, turn = each, refused
        if ended.promotion == mine.promotion:
            return turn
    return Turn()


def _in_queue(mine: Candidate, line: list[Candidate]) -> Turn:
    earlier = line[: line.index(mine)]
    if twin := next((each for each in earlier if each.release == mine.release), None):
        return _ended_by(twin, _SAME)
    if earlier:
        return Turn(state="later", reason=_LATER.format(**_words(earlier[0])), other=earlier[0].promotion)
    return Turn()


def _refused(later: Candidate, standing: Candidate, is_older: IsOlder) -> Turn | None:
    if later.release == standing.release:
        return _ended_by(standing, _SAME)
    if is_older(later, standing) and not later.allow_downgrade:
        return _ended_by(standing, _OLDER, mine=later.name)
    return None


def _ended_by(other: Candidate, sentence: str, **words: str) -> Turn:
    return Turn(state="refused", reason=sentence.format(**_words(other), **words), other=other.promotion)


def _words(candidate: Candidate) -> dict[str, str]:
    return {"other": candidate.name, "promotion": candidate.promotion}


_SUPERSEDED = "superseded by the newer promotion {promotion} of {other}, which waits at the same gate; decide there"
_SAME = "promotion {promotion} already waits there with the same release {other}; decide on that one"
_OLDER = (
    "{mine} is older than {other}, which already waits there (promotion {promotion}); reject that one first, or allow "
    "the downgrade with --allow-downgrade (in the form: allow_downgrade)"
)
_LATER = "waits until the earlier promotion {promotion} of {other} is over"
