"""What speaks for an owner of a pointer: Git's history first, then the form of its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from liftgate.domain.adoption.past import Observation
from liftgate.domain.secrets.secret import Owner

_CLEAR: Final = 4
"""History decides if this many times more observations speak for one owner than for the other."""
_STRONG: Final = 2
"""So many observations outweigh the form of the values."""


@dataclass(frozen=True)
class Clue:
    """What the form of the values says."""

    owner: Owner
    reason: str


@dataclass
class Evidence:
    """All that was found about one pointer, over all applications."""

    travelled: int = 0
    apart: int = 0
    clues: set[Clue] = field(default_factory=set)

    def observe(self, observation: Observation) -> None:
        if observation.kind == "travelled":
            self.travelled += 1
        else:
            self.apart += 1

    @property
    def owner(self) -> Owner | None:
        """None if nothing speaks for an owner, or the evidence contradicts itself."""
        owners = {clue.owner for clue in self.clues}
        if "secret" in owners:
            return "secret"
        formed = next(iter(owners)) if len(owners) == 1 else None
        if formed and self.travelled + self.apart < _STRONG:
            return None if self._history not in (None, formed) else formed
        return self._history if self.travelled or self.apart else formed

    @property
    def is_contradictory(self) -> bool:
        return self.owner is None and bool(self.travelled or self.apart or self.clues)

    @property
    def _history(self) -> Owner | None:
        if self.travelled and self.travelled >= _CLEAR * self.apart:
            return "promote"
        return "own" if self.apart and self.apart >= _CLEAR * self.travelled else None


def told(evidence: Iterable[Evidence], owner: Owner) -> str:
    """One sentence about what speaks for the owner."""
    found = list(evidence)
    times = sum(each.apart if owner == "own" else each.travelled for each in found if owner != "secret")
    verb = "stayed in one environment" if owner == "own" else "went from one environment to another"
    history = [f"{verb} {times} time{'' if times == 1 else 's'} in Git's history"] if times else []
    reasons = sorted({clue.reason for each in found for clue in each.clues if clue.owner == owner})
    where = f" (at {len(found)} pointers)" if len(found) > 1 else ""
    return "; ".join([*history, *reasons]) + where
