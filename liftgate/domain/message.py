"""The commit's message with its trailers, and how they are read back (git-interpret-trailers(1))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from liftgate.domain.plain import one_line
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion

PROMOTION_ID = "Promotion-Id"
APPLICATION = "Promotion-Application"
ENVIRONMENT = "Promotion-Environment"
SOURCE = "Promotion-Source"
PLAN = "Promotion-Plan"
"""The whole digest of the plan."""
REVERTS = "Reverts-Promotion"
"""Once for each promotion that the commit takes back."""
RESTORES = "Restores-Promotion"
"""The promotion whose verified values are there again."""
APPROVED = "Promotion-Approved-By"
_KEY: Final = re.compile(r"[A-Za-z0-9-]+")
_NO_SUBJECT: Final = "Change"


def trailers_of(promotion: Promotion, plan: Plan | None, approved_by: Sequence[str]) -> list[tuple[str, str]]:
    """The trailers of a promotion's commit, in their order; empty ones are left out."""
    pairs = [
        (PROMOTION_ID, promotion.id),
        (APPLICATION, promotion.application),
        (ENVIRONMENT, promotion.environment),
        ("Promotion-Release", plan.release_id if plan else ""),
        (SOURCE, plan.source if plan else ""),
        (PLAN, plan.hash if plan else ""),
        ("Promotion-Requested-By", str(promotion.requester)),
        *((APPROVED, name) for name in approved_by),
    ]
    return _filled(pairs)


def trailers_of_rollback(rollback: Promotion) -> list[tuple[str, str]]:
    """Those of a promotion's commit, and what is taken back and restored."""
    back = [rollback.reverts] if rollback.reverts else rollback.took_back
    more = [(RESTORES, rollback.restores), *((REVERTS, promotion) for promotion in back)]
    return [*trailers_of(rollback, None, ()), *_filled(more)]


def subject_of_rollback(rollback: Promotion) -> str:
    return f"Roll back {rollback.application} in {rollback.environment} to {rollback.previous or 'what was there'}"


def is_rollback(trailers: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the commit with these trailers took back instead of bringing something."""
    return REVERTS in trailers or RESTORES in trailers


def lines(trailers: Sequence[tuple[str, str]]) -> str:
    """The last paragraph of a message."""
    return "\n".join(f"{key}: {value}" for key, value in trailers)


def compose(subject: str, reason: str, trailers: Sequence[tuple[str, str]], note: str = "") -> str:
    """A whole message; each text is one line of its own, so nothing but the trailers is read as trailers."""
    return f"{one_line(subject) or _NO_SUBJECT}\n\n{body(reason, trailers, note)}".strip() + "\n"


def body(reason: str, trailers: Sequence[tuple[str, str]], note: str = "") -> str:
    """What stands below the subject, for forges that want it by itself."""
    parts = [one_line(reason), one_line(note), lines(_filled(trailers))]
    return "\n\n".join(part for part in parts if part)


def reason_of(message: str) -> str:
    """The first paragraph between the subject and the trailers; empty where there is none."""
    return one_line("".join(message.strip().split("\n\n")[1:-1][:1]))


def read_trailers(message: str) -> Mapping[str, tuple[str, ...]]:
    """The trailers of the last paragraph; empty when it is not made of trailers alone."""
    found: dict[str, tuple[str, ...]] = {}
    for line in message.strip().split("\n\n")[-1].split("\n"):
        key, separator, value = line.partition(": ")
        if not separator or not _KEY.fullmatch(key):
            return {}
        found[key] = (*found.get(key, ()), value.strip())
    return found


def _filled(trailers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A trailer without a value would not be read as one, and hide the others."""
    return [(key, value) for key, value in ((key, one_line(value)) for key, value in trailers) if value]
