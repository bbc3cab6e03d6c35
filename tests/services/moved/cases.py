"""Which runs die where while what changes: all cases, and a few of them in which each kind, point and change comes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final, NamedTuple

from tests.services.moved import meanwhile

_BEFORE: Final = ("begun",)
_AFTER: Final = ("opened", "pushed", "synced", "recorded", "told")
_PROPOSED: Final = (*_BEFORE, "proposed")
_DECIDED: Final = ("asked", "voted")
_BACK: Final = ("pushed", "synced", "recorded", "told")
POINTS: Final = {
    "push": (*_BEFORE, *_AFTER),
    "pull request": (*_PROPOSED, *_AFTER),
    "gated": (*_BEFORE, *_DECIDED, *_AFTER),
    "gated pull request": (*_PROPOSED, *_DECIDED, *_AFTER),
    "update": (*_BEFORE, *_AFTER),
    "automatic rollback": ("pushed", "synced", *(f"back {point}" for point in _BACK), "recorded", "told"),
    "rollback": (*_BEFORE, *_BACK),
    "go back": (*_BEFORE, *_BACK),
    "take-over": (*_BEFORE, "synced", "recorded", "told"),
    "nightly": (*_BEFORE, "started"),
}
"""By the kind of run, the points after which it may die: those at which anything outside of its process has changed
since the one before. A run that dies after another step left what it had left after the one before."""


class Case(NamedTuple):
    kind: str
    point: str
    change: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.point}: {self.change}"


FOUND: Final = (
    Case("automatic rollback", "verified", "renamed application"),
    Case("push", "synced", "removed application"),
    Case("update", "pushed", "broken configuration"),
    Case("gated", "pushed", "unknown step"),
    Case("update", "verified", "renamed environment"),
    Case("take-over", "recorded", "renamed application"),
    Case("gated", "asked", "message deleted"),
    Case("rollback", "pushed", "removed application"),
    Case("rollback", "begun", "renamed application"),
    Case("gated", "asked", "renamed environment"),
    Case("gated", "voted", "removed application"),
    Case("take-over", "begun", "moved files"),
    Case("nightly", "started", "newer release"),
    Case("automatic rollback", "pushed", "broken configuration"),
    Case("go back", "begun", "broken configuration"),
    Case("rollback", "pushed", "unknown step"),
)
"""What went wrong once."""
WITHOUT_HARM: Final = frozenset({
    "nothing", "environment owns it", "argocd application renamed", "mirror lost", "by hand elsewhere",
    "no approvals", "back to the first", "branches removed", "source reverted", "ledger removed", "freeze",
    "other delivery", "reverted by hand", "same values by hand", "other version pointer", "approver gone",
    "pull request closed", "argocd application deleted", "stricter schema", "paused", "branch protected",
    "stolen worker key",
})  # fmt: skip
"""Changes that are tried only together with all kinds and points."""
_NEED_PEOPLE: Final = (
    "worker key removed",
    "stolen worker key",
    "ledger removed",
    "freeze",
    "paused",
    "branch protected",
)
_WITH_A_BROKEN_FILE: Final = ("automatic rollback", "rollback", "go back", "take-over")
"""What begins and ends while `liftgate.json` cannot be used."""


def needs_people(case: Case) -> bool:
    """Whether people must mend something, or time must pass, before the run can end or the environment is free."""
    if "broken configuration" in case.change:
        return case.kind not in _WITH_A_BROKEN_FILE
    return any(each in case.change for each in _NEED_PEOPLE)


def few() -> Iterator[Case]:
    """Those, and each other change once, with the kinds in turn, at other points each time."""
    yield from FOUND
    kinds, known = cycle(POINTS), WITHOUT_HARM | {case.change for case in FOUND}
    for number, change in enumerate(each for each in meanwhile.NAMED if each not in known):
        kind = "gated pull request" if change.startswith("pull request") else next(kinds)
        yield Case(kind, POINTS[kind][(3 * number + 4) % len(POINTS[kind])], change)


def places() -> Iterator[tuple[str, str]]:
    """Each kind with each change that means something there; a test takes all points of it."""
    for kind in POINTS:
        for change in meanwhile.NAMED:
            if "pull request" in kind or not change.startswith("pull request"):
                yield kind, change
