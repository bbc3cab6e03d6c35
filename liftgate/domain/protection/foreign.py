"""Rules of other people and of the organization that keep the worker from pushing, unless they let it pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from liftgate.domain.common.words import in_words
from liftgate.domain.protection.difference import Line
from liftgate.domain.protection.ruleset import Ruleset, Seen, example
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


def foreign_lines(wanted: Iterable[Ruleset], seen: Seen) -> Iterator[Line]:
    """A line for each ruleset of ours that the worker must bypass, where a rule of others forbids the same.

    Whom a rule of others lets pass is often not told: so it is "not checked".
    """
    for ruleset in wanted:
        against = [
            (branch, rule.type)
            for branch in (map(example, ruleset.include) if ruleset.bypass else ())
            for rule in seen.foreign.get(branch, ())
            if rule.type in OURS.get(branch, PUSHED)
        ]
        if against:
            types = list(dict.fromkeys(kind for _, kind in against))
            yield Line(
                wanted=f"the worker may push to {named(tuple(dict.fromkeys(branch for branch, _ in against)))}",
                there=f"rules that Liftgate did not set forbid it to all whom they do not let pass: {in_words(types)}",
                state="not checked",
                allows="nothing more; Liftgate's own pushes are refused. See that their bypass lists have the worker",
            )
