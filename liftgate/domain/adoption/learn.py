"""Owner rules from the past and the present of values, and how well they reproduce promotions they did not see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from liftgate.domain.adoption.evidence import Evidence
from liftgate.domain.adoption.past import Commit, Observation, Past, Place, Seen
from liftgate.domain.adoption.replay import Measured, measure
from liftgate.domain.adoption.rule_patterns import ProposedRule, propose_rules
from liftgate.domain.adoption.value_forms import clue
from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.pointer import MISSING, covering, leaves
from liftgate.domain.planning.rules import BUILT_IN, Rule, Rules, is_metadata
from liftgate.domain.secrets.secret import contains_secret

_FEWEST: Final = 4
"""Promotions: with fewer there is nothing to hold out."""
_HELD_OUT: Final = 0.3
"""Share of the promotions, the newest ones."""
_MOST: Final = 100
"""Promotions that are held out."""


class Learned(Value):
    rules: tuple[ProposedRule, ...]
    measured: Measured | None
    """None if there are too few past promotions."""
    promotions: int
    """Commits of the past that carried values from one environment to the next."""
    undecided: tuple[str, ...]
    """Pointers whose values differ between environments and that no rule covers."""
    contradictory: tuple[str, ...]
    """Pointers whose evidence speaks for two owners."""


Leaves = Mapping[str, Mapping[str, Sequence[tuple[int, Json]]]]
"""Application, pointer, and the value in each environment with the environment's rank."""


def learn(
    ranks: Mapping[str, int], start: Mapping[Place, Json], now: Mapping[Place, Json], commits: Sequence[Commit]
) -> Learned:
    """`ranks` has the environments in their order; `start` the values before the first commit."""
    seen = list(Past(tuple(ranks), start).replay(commits))
    there = _leaves(ranks, now)
    evidence, others = _evidence(there, (each for one in seen for each in one.observations))
    proposed, left = propose_rules(evidence, others)
    contradictory = tuple(pointer for pointer, each in sorted(evidence.items()) if each.is_contradictory)
    patterns = [covering(each) for each in (*(rule.pointer for rule in BUILT_IN), *(rule.pointer for rule in proposed))]
    open_ones = (
        pointer
        for pointer in sorted(others.union(left, contradictory))
        if not any(pattern.fullmatch(pointer) for pattern in patterns) and _differs(there, pointer)
    )
    return Learned(
        rules=tuple(proposed),
        measured=_measured(ranks, start, commits, seen),
        promotions=sum(one.promotion is not None for one in seen),
        undecided=tuple(open_ones),
        contradictory=contradictory,
    )


def _measured(
    ranks: Mapping[str, int], start: Mapping[Place, Json], commits: Sequence[Commit], seen: Sequence[Seen]
) -> Measured | None:
    """The rules that the older part of the history gives, on the promotions of its newest part."""
    made = [at for at, one in enumerate(seen) if one.promotion]
    if len(made) < _FEWEST:
        return None
    first = made[-max(1, min(_MOST, int(len(made) * _HELD_OUT)))]
    then = dict(start)
    for commit in commits[: seen[first - 1].commits] if first else ():
        then |= {change.place: change.after for change in commit.changes}
    evidence, others = _evidence(_leaves(ranks, then), (each for one in seen[:first] for each in one.observations))
    rules = tuple(Rule(pointer=each.pointer, owner=each.owner) for each in propose_rules(evidence, others)[0])
    return measure((one.promotion for one in seen[first:] if one.promotion), Rules(rules=rules))


def _leaves(ranks: Mapping[str, int], values: Mapping[Place, Json]) -> Leaves:
    found: dict[str, dict[str, list[tuple[int, Json]]]] = defaultdict(lambda: defaultdict(list))
    for (application, environment), value in values.items():
        for pointer, leaf in leaves(value) if value is not MISSING else ():
            if pointer:
                found[application][pointer].append((ranks[environment], leaf))
    return found


def _evidence(there: Leaves, observations: Iterable[Observation]) -> tuple[dict[str, Evidence], frozenset[str]]:
    """By pointer, and the pointers without any. Values that are secret by their form need no rule."""
    found: dict[str, Evidence] = defaultdict(Evidence)
    known: set[str] = set()
    hidden: set[str] = set()
    for pointers in there.values():
        known |= pointers.keys()
        for pointer, values in pointers.items():
            if is_metadata(pointer) or any(contains_secret(value) for _, value in values):
                hidden.add(pointer)
            elif spoken := clue(pointer.rsplit("/", 1)[-1], values):
                found[pointer].clues.add(spoken)
    known -= hidden
    for observation in observations:
        if observation.pointer in known:
            found[observation.pointer].observe(observation)
    evidence = {pointer: each for pointer, each in found.items() if pointer in known}
    return evidence, frozenset(known - evidence.keys())


def _differs(there: Leaves, pointer: str) -> bool:
    """Whether an application has different values there in two environments."""
    found = ([value for _, value in pointers.get(pointer, ())] for pointers in there.values())
    return any(not same(values[0], other) for values in found for other in values[1:])
