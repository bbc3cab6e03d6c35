"""Rules of branches as values: who may do what there, and which of two rules is the stricter one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic import Field

from liftgate.domain.common.value import Json, Value

HEADS: Final = "refs/heads/"
_EXAMPLE: Final = "example"
_GLOB: Final = re.compile(r"\*\*/?|\*|\?")
_GLOBS: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Actor(Value):
    """Whom a ruleset does not stop."""

    type: str
    """`User`, `Integration` (an app), `DeployKey`, `Team`, `RepositoryRole`, …"""
    id: int | None = None
    """None where the type alone says it, as for deploy keys."""
    mode: Literal["always", "pull_request", "exempt"] = "always"
    """`pull_request`: only when it merges one."""
    name: str = ""
    """For people, where it is known: a login."""

    @property
    def key(self) -> tuple[str, int | None]:
        return self.type, self.id

    def bypasses(self, ruleset: Ruleset) -> bool:
        """Whether this actor may push past the ruleset."""
        return any(each.key == self.key and each.mode != "pull_request" for each in ruleset.bypass)

    def __str__(self) -> str:
        return self.name or " ".join(filter(None, (self.type, str(self.id or ""))))


class Rule(Value):
    """One rule. A type that Liftgate does not set is carried along as it is."""

    type: str
    """`deletion`, `non_fast_forward`, `creation`, `update`, `pull_request`, `required_status_checks`,
    `required_signatures`, …"""
    parameters: dict[str, Json] = Field(default_factory=dict)
    lets_pass: tuple[Actor, ...] | None = None
    """Whom it does not stop, where the forge tells that of the rule itself."""

    def covers(self, wanted: Rule) -> bool:
        """Whether this rule forbids at least what the wanted one forbids."""
        here = self.parameters
        return self.type == wanted.type and all(
            not value or (name in here and _stricter(here[name], value) == here[name])
            for name, value in wanted.parameters.items()
        )

    def stricter(self, other: Rule) -> Rule:
        """Both rules as one, which forbids what either of them forbids."""
        merged = dict(self.parameters)
        for name, value in other.parameters.items():
            merged[name] = _stricter(merged[name], value) if name in merged else value
        return Rule(type=self.type, parameters=merged)


def _stricter(there: Any, wanted: Any) -> Any:
    """A flag that is set, the higher number, all entries of both lists; of anything else what is there."""
    if isinstance(there, bool) and isinstance(wanted, bool):
        return there or wanted
    if isinstance(there, int) and isinstance(wanted, int):
        return max(there, wanted)
    if isinstance(there, list) and isinstance(wanted, list):
        known = [_named(each) for each in there]
        return [*there, *(each for each in wanted if _named(each) not in known)]
    return there


def _named(entry: Any) -> Any:
    """A status check is known by its name: a person may add from which app it must come."""
    return entry.get("context", entry) if isinstance(entry, dict) else entry


class Ruleset(Value):
    name: str
    include: tuple[str, ...]
    """Patterns of full refs; `*` stands for no slash, `**` for anything."""
    exclude: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    bypass: tuple[Actor, ...] = ()
    may_bypass: tuple[Actor, ...] = ()
    """Of a wanted ruleset: for whom a person may also open it, without it being a loosened one."""
    active: bool = True
    id: int = 0
    """0: it does not exist yet."""

    @property
    def branches(self) -> tuple[str, ...]:
        """The patterns without `refs/heads/`."""
        return tuple(each.removeprefix(HEADS) for each in self.include)

    def applies_to(self, branch: str) -> bool:
        ref = HEADS + branch
        return self.active and _fits(ref, self.include) and not any(_leaves_out(each, ref) for each in self.exclude)


class Seen(Value):
    """What a forge has for some branches."""

    own: tuple[Ruleset, ...] = ()
    """The rulesets with the names of ours, complete."""
    foreign: dict[str, tuple[Rule, ...]] = Field(default_factory=dict)
    """By branch: the rules that hold there besides, of the organization and of other people."""
    hidden: tuple[str, ...] = ()
    """Branches with more rules than this account is told."""


def merged_rule(rules: tuple[Rule, ...], type_: str) -> Rule | None:
    """All rules of the type as one: a forge adds them up."""
    found = [rule for rule in rules if rule.type == type_]
    if not found:
        return None
    first, *more = found
    for rule in more:
        first = first.stricter(rule)
    return first


def example(pattern: str) -> str:
    """A branch that fits a pattern of ours."""
    return pattern.removeprefix(HEADS).replace("**", _EXAMPLE)


def _leaves_out(pattern: str, ref: str) -> bool:
    """Also if it leaves out only some of the branches that an example stands for, or may do so: which branch is the
    default one is not known here."""
    folder = ref.removesuffix(_EXAMPLE) if ref.endswith(f"/{_EXAMPLE}") else ""
    if pattern == "~DEFAULT_BRANCH":
        return not ref.startswith(f"{HEADS}liftgate/")
    return _fits(ref, (pattern,)) or (bool(folder) and pattern.startswith(folder))


def _fits(ref: str, patterns: tuple[str, ...]) -> bool:
    return any(pattern == "~ALL" or _glob(pattern).fullmatch(ref) for pattern in patterns)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    parts, at = [], 0
    for found in _GLOB.finditer(pattern):
        parts += [re.escape(pattern[at : found.start()]), _GLOBS[found[0]]]
        at = found.end()
    return re.compile("".join(parts) + re.escape(pattern[at:]))
