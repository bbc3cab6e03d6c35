"""What is missing of the wanted rules, and the rulesets that bring it without loosening anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from liftgate.domain.common.value import Value
from liftgate.domain.common.words import in_words
from liftgate.domain.protection.ruleset import Actor, Rule, Ruleset, Seen, example, merged_rule
from liftgate.domain.protection.sentences import allows, named, sentence

State = Literal["in place", "missing", "not checked"]


class Line(Value):
    """One thing that is wanted, as people read it."""

    wanted: str
    there: str
    """What there is of it."""
    state: State
    allows: str = ""
    """What can happen while it is missing."""
    ruleset: str = ""
    """The ruleset of ours that has it; empty where it is none of a ruleset."""
    by_hand: str = ""
    """What only a person can do, if it is no change of `changes`."""

    @property
    def is_missing(self) -> bool:
        return self.state == "missing"


HIDDEN: Final = "only an administrator is told all rules that hold there"


def lines(wanted: Iterable[Ruleset], seen: Seen) -> Iterator[Line]:
    """A line for each wanted rule and bypass, and one for each bypass that a person added."""
    for ruleset in wanted:
        there = _named(seen, ruleset.name)
        for rule in ruleset.rules:
            yield _of_rule(ruleset, rule, there, seen)
        yield from _of_bypass(ruleset, there)


def changes(wanted: Iterable[Ruleset], seen: Seen) -> tuple[Ruleset, ...]:
    """The rulesets to write: what is there and what is wanted, together. Empty if nothing is missing."""
    return tuple(
        _together(_named(seen, each.name), _lacking(each, seen))
        for each in wanted
        if any(line.is_missing and not line.by_hand for line in lines((each,), seen))
    )


def _lacking(wanted: Ruleset, seen: Seen) -> Ruleset:
    """Without the rules that others guarantee on all of its branches: nothing is written twice."""
    branches = [example(each) for each in wanted.include]
    rules = (rule for rule in wanted.rules if not all(_holds(wanted, rule, each, None, seen) for each in branches))
    return wanted.copy_with(rules=tuple(rules))


def applied(seen: Seen, written: Iterable[Ruleset]) -> Seen:
    """What there is after these rulesets were written."""
    new = {each.name: each for each in written}
    kept = tuple(each for each in seen.own if each.name not in new)
    return seen.copy_with(own=(*kept, *new.values()))


def _named(seen: Seen, name: str) -> Ruleset | None:
    return next((each for each in seen.own if each.name == name), None)


def _of_rule(wanted: Ruleset, rule: Rule, there: Ruleset | None, seen: Seen) -> Line:
    branches = [example(each) for each in wanted.include]
    bare = [each for each in branches if not _holds(wanted, rule, each, there, seen)]
    line = Line(wanted=sentence(rule, wanted.branches), there="as wanted", state="in place", ruleset=wanted.name)
    if not bare:
        return line
    if {*bare} <= {*seen.hidden}:
        return line.copy_with(state="not checked", there=HIDDEN)
    if who := _around(wanted, rule, bare[0], there, seen):
        told = f"a rule of others has it, and lets {who} pass"
        return line.copy_with(state="missing", there=told, allows=f"{who} can do what it forbids")
    found = _found(wanted, rule, bare[0], there, seen)
    return line.copy_with(state="missing", there=found, allows=allows(rule, wanted.branches))


def _holds(wanted: Ruleset, rule: Rule, branch: str, there: Ruleset | None, seen: Seen) -> bool:
    here = merged_rule(_rules_at(wanted, branch, there, seen), rule.type)
    return here is not None and here.covers(rule)


def _rules_at(wanted: Ruleset, branch: str, there: Ruleset | None, seen: Seen) -> tuple[Rule, ...]:
    """A rule of others that is known to let more pass than the worker guarantees nothing."""
    ours = there.rules if there and there.applies_to(branch) else ()
    return (*ours, *(each for each in seen.foreign.get(branch, ()) if not _passing(wanted, each)))


def _passing(wanted: Ruleset, rule: Rule) -> tuple[Actor, ...]:
    """Whom the rule lets pass besides those that the wanted ruleset does."""
    allowed = {actor.key for actor in (*wanted.bypass, *wanted.may_bypass)}
    return tuple(actor for actor in rule.lets_pass or () if actor.key not in allowed)


def _around(wanted: Ruleset, rule: Rule, branch: str, there: Ruleset | None, seen: Seen) -> str:
    """Whom a rule of others lets pass that would be all that is wanted; empty if there is no such rule."""
    loose = [each for each in seen.foreign.get(branch, ()) if _passing(wanted, each)]
    here = merged_rule((*_rules_at(wanted, branch, there, seen), *loose), rule.type)
    if here is None or not here.covers(rule):
        return ""
    same = (each for each in loose if each.type == rule.type)
    return in_words(dict.fromkeys(str(actor) for each in same for actor in _passing(wanted, each)))


def _found(wanted: Ruleset, rule: Rule, branch: str, there: Ruleset | None, seen: Seen) -> str:
    here = merged_rule(_rules_at(wanted, branch, there, seen), rule.type)
    if here is not None:
        return sentence(here, (branch,))
    if there is None:
        return "nothing"
    if not there.active:
        return "the ruleset is not active"
    return "the rule was removed" if there.applies_to(branch) else f"the ruleset leaves {branch} out"


def _of_bypass(wanted: Ruleset, there: Ruleset | None) -> Iterator[Line]:
    """Only of our own ruleset: who may bypass the rules of others is their own decision."""
    if there is None:
        return
    branches = named(wanted.branches)
    if lacking := [actor for actor in wanted.bypass if not actor.bypasses(there)]:
        yield Line(
            wanted=f"the worker may push to {branches}",
            there=f"the bypass of {in_words(map(str, lacking))} was removed",
            state="missing",
            allows="nothing more; Liftgate's own pushes are refused",
            ruleset=wanted.name,
        )
    allowed = {actor.key for actor in (*wanted.bypass, *wanted.may_bypass)}
    only = "only the worker" if allowed else "no account"
    for actor in there.bypass:
        if actor.key not in allowed:
            yield Line(
                wanted=f"{branches}: {only} may bypass the ruleset “{wanted.name}”",
                there=f"{actor} may bypass it",
                state="missing",
                allows=f"{actor} can do all that this ruleset forbids",
                ruleset=wanted.name,
                by_hand=f"take {actor} off the bypass list of “{wanted.name}”, unless it is meant so",
            )


def _together(there: Ruleset | None, wanted: Ruleset) -> Ruleset:
    if there is None:
        return wanted
    ours = dict.fromkeys(rule.type for rule in wanted.rules)
    foreign = [rule for rule in there.rules if rule.type not in ours]
    merged = (merged_rule((*there.rules, *wanted.rules), name) for name in ours)
    wanted_keys = {actor.key for actor in wanted.bypass}
    kept = [actor for actor in there.bypass if actor.mode != "pull_request" or actor.key not in wanted_keys]
    left_out = [each for each in there.exclude if not _hides(each, wanted)]
    return there.copy_with(
        active=True,
        include=tuple(dict.fromkeys([*there.include, *wanted.include])),
        exclude=tuple(left_out),
        rules=(*foreign, *filter(None, merged)),
        bypass=tuple({actor.key: actor for actor in (*wanted.bypass, *kept)}.values()),
    )


def _hides(pattern: str, wanted: Ruleset) -> bool:
    """Whether an exception takes one of our branches out again."""
    alone = Ruleset(name="", include=("~ALL",), exclude=(pattern,))
    return not all(alone.applies_to(example(each)) for each in wanted.include)
