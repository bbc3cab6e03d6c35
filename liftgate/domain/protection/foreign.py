"""Rules of other people and of the organization that keep the worker from pushing, unless they let it pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from liftgate.domain.common.words import in_words
from liftgate.domain.protection.difference import Line
from liftgate.domain.protection.ruleset import Actor, Rule, Ruleset, Seen, example
from liftgate.domain.protection.sentences import named

PUSHED: Final = ("update", "pull_request", "required_status_checks", "merge_queue")
"""Rules that forbid a push to the branch itself."""
_MADE: Final = ("creation", "update", "deletion", "non_fast_forward", "pull_request")
OURS: Final[Mapping[str, tuple[str, ...]]] = {
    "liftgate/ledger": ("creation", *PUSHED),
    "liftgate/promotions/example": _MADE,
    "liftgate/preview/example": _MADE,
}
"""Branches that the worker makes, and the rules that forbid what it does there."""
_LOST: Final = "nothing more; Liftgate's own pushes are refused"
_MEND: Final[Mapping[str, str]] = {
    "pull_request": "let {worker} bypass required pull requests",
    "update": "add {worker} to those who may push",
    "creation": "add {worker} to those who may create the branch",
    "required_status_checks": "turn off its required status checks, and call liftgate protect --apply again: they come "
    "into a ruleset that lets {worker} pass",
}


class _Against(NamedTuple):
    branch: str
    rule: Rule


def foreign_lines(wanted: Iterable[Ruleset], seen: Seen) -> Iterator[Line]:
    """Lines for each ruleset of ours that the worker must bypass, where a rule of others forbids the same.

    Whom a rule of others lets pass is often not told: so it is "not checked".
    """
    for ruleset in wanted:
        against = [
            _Against(branch, rule)
            for branch in (map(example, ruleset.include) if ruleset.bypass else ())
            for rule in seen.foreign.get(branch, ())
            if rule.type in OURS.get(branch, PUSHED)
        ]
        if untold := [each for each in against if each.rule.lets_pass is None]:
            types = in_words(dict.fromkeys(each.rule.type for each in untold))
            yield Line(
                wanted=_title(untold),
                there=f"rules that Liftgate did not set forbid it to all whom they do not let pass: {types}",
                state="not checked",
                allows=f"{_LOST}. See that their bypass lists have the worker",
            )
        if closed := [each for each in against if _keeps_out(each.rule, ruleset.bypass)]:
            yield _closed(closed, in_words(map(str, ruleset.bypass)))


def _closed(against: list[_Against], worker: str) -> Line:
    kinds = dict.fromkeys(each.rule.type for each in against)
    branch = against[0].branch
    mend = "; ".join(_MEND[kind].format(worker=worker) for kind in kinds if kind in _MEND)
    return Line(
        wanted=_title(against),
        there=f"the classic protection of {branch} does not let it pass: {in_words(kinds)}",
        state="missing",
        allows=_LOST,
        by_hand=f"in the classic protection of {branch}: {mend}",
    )


def _keeps_out(rule: Rule, worker: tuple[Actor, ...]) -> bool:
    return rule.lets_pass is not None and not {actor.key for actor in worker} <= {each.key for each in rule.lets_pass}


def _title(against: list[_Against]) -> str:
    return f"the worker may push to {named(tuple(dict.fromkeys(each.branch for each in against)))}"
