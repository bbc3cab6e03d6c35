"""Promotions that wait for the same environment: which one goes on, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import AwareDatetime

from liftgate.domain.common.names import release_name
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
        return release_name(self.version, self.release)


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
    return turns_of((*others, mine), waiting, is_older)[mine.promotion]


def turns_of(candidates: Iterable[Candidate], waiting: Waiting, is_older: IsOlder) -> dict[str, Turn]:
    """The same for each in the line, by promotion: each one is compared with one other."""
    line = sorted({each.promotion: each for each in candidates}.values(), key=_order)
    return _in_queue(line) if waiting == "queue" else _last_standing(line, is_older)


def _order(candidate: Candidate) -> tuple[AwareDatetime, str]:
    """By request; the id decides between two of the same moment."""
    return candidate.requested_at, candidate.promotion


def _last_standing(line: list[Candidate], is_older: IsOlder) -> dict[str, Turn]:
    """Each one meets the one that stands so far, in the order of the requests; one of the two ends."""
    turns, standing = {each.promotion: Turn() for each in line}, line[0]
    for each in line[1:]:
        refused = _refused(each, standing, is_older)
        if refused is None:
            standing, ended = each, standing
            turn = Turn(state="superseded", reason=_SUPERSEDED.format(**_words(standing)), other=standing.promotion)
        else:
            ended, turn = each, refused
        turns[ended.promotion] = turn
    return turns


def _in_queue(line: list[Candidate]) -> dict[str, Turn]:
    first: dict[str, Candidate] = {}
    """The earliest of each release."""
    turns: dict[str, Turn] = {}
    for each in line:
        if (twin := first.setdefault(each.release, each)) is not each:
            turns[each.promotion] = _ended_by(twin, _SAME)
        elif each is line[0]:
            turns[each.promotion] = Turn()
        else:
            later = Turn(state="later", reason=_LATER.format(**_words(line[0])), other=line[0].promotion)
            turns[each.promotion] = later
    return turns


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
