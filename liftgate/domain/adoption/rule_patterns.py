"""A few general owner rules for many pointers: they cover only what they have evidence for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from liftgate.domain.adoption.evidence import Evidence, told
from liftgate.domain.common.value import Value
from liftgate.domain.json_text.pointer import covering
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.secret import Owner

LIMIT: Final = 10
"""Rules that a person can still read."""
_OWNERS: Final[tuple[Owner, ...]] = ("secret", "own", "promote")
_SUFFIX: Final = re.compile(r"(?<=[a-z0-9])(?:[A-Z][a-z]{2,}|[A-Z]{2,})$|(?<=[_-])[a-zA-Z]{3,}$")


class ProposedRule(Value):
    pointer: str
    owner: Owner
    evidence: str
    covers: int
    """How many pointers of the values have evidence for it."""


def propose_rules(evidence: Mapping[str, Evidence], others: frozenset[str]) -> tuple[list[ProposedRule], list[str]]:
    """The rules, and the pointers with evidence that they do not cover. `others` are pointers without any evidence."""
    decided = {pointer: each.owner for pointer, each in evidence.items()}
    built_in = Rules()
    needed = {
        pointer: owner
        for pointer, owner in decided.items()
        if owner and not (owner != "promote" and built_in.owner(pointer) == owner)
    }
    search = _Search(decided, others, evidence)
    found = [rule for owner in _OWNERS for rule in search.rules(owner, needed)]
    kept = sorted(found, key=lambda rule: (rule.owner != "secret", -rule.covers, rule.pointer))[:LIMIT]
    rules = [rule for owner in ("promote", "own", "secret") for rule in kept if rule.owner == owner]
    patterns = [covering(rule.pointer) for rule in rules]
    left = [pointer for pointer in needed if not any(pattern.fullmatch(pointer) for pattern in patterns)]
    return rules, sorted(left)


class _Search:
    def __init__(
        self, decided: Mapping[str, Owner | None], others: frozenset[str], evidence: Mapping[str, Evidence]
    ) -> None:
        self.decided, self.others, self.evidence = decided, others, evidence
        self.generated: dict[str, set[str]] = defaultdict(set)
        self.owners: dict[str, set[Owner | None]] = defaultdict(set)
        """Owners of what a pattern was generated from; None stands for undecided."""
        for pointer in (*decided, *others):
            for pattern in _patterns(pointer):
                self.generated[pattern].add(pointer)
                self.owners[pattern].add(decided.get(pointer))

    def rules(self, owner: Owner, needed: Mapping[str, Owner]) -> Iterator[ProposedRule]:
        """The pattern that covers most of what is left, again and again."""
        left = {pointer for pointer, each in needed.items() if each == owner}
        for _ in range(LIMIT):
            pattern = self._best(owner, left)
            if not pattern:
                return
            covered = {pointer for pointer in left if covering(pattern).fullmatch(pointer)}
            proofs = (self.evidence[pointer] for pointer in sorted(covered))
            yield ProposedRule(pointer=pattern, owner=owner, evidence=told(proofs, owner), covers=len(covered))
            left -= covered

    def _best(self, owner: Owner, left: set[str]) -> str:
        """Of equal ones the most literal; else a pointer of its own. Empty if none is left that can be written."""
        alike = (pattern for pattern, owners in self.owners.items() if owners == {owner})
        sizes = {pattern: len(left & self.generated[pattern]) for pattern in alike}
        general = (pattern for pattern, size in sizes.items() if size > 1)
        ordered = sorted(general, key=lambda pattern: (-sizes[pattern], pattern.count("*"), -len(pattern), pattern))
        return next((each for each in chain(ordered, sorted(left)) if self._is_allowed(each, owner)), "")

    def _is_allowed(self, pattern: str, owner: Owner) -> bool:
        """Whether everything that it covers has evidence for this owner."""
        regex = covering(pattern)
        if any(each != owner and regex.fullmatch(pointer) for pointer, each in self.decided.items()):
            return False
        return not any(regex.fullmatch(pointer) for pointer in self.others)


def _patterns(pointer: str) -> Iterator[str]:
    """General patterns that cover the pointer: by key, by the end of its key, by folder, and across siblings."""
    tokens = pointer.split("/")[1:]
    yield f"/**/{tokens[-1]}"
    if found := _SUFFIX.search(tokens[-1]):
        yield f"/**/*{found.group()}"
    yield from ("/" + "/".join(tokens[:length]) + "/**" for length in range(1, len(tokens)))
    for at in range(len(tokens) - 1):
        yield "/" + "/".join((*tokens[:at], "*", *tokens[at + 1 :]))
