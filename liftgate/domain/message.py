"""The commit's message with its trailers, and how they are read back (git-interpret-trailers(1))."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion

PROMOTION_ID = "Promotion-Id"
REVERTS = "Reverts-Promotion"
"""Once for each promotion that the commit takes back."""
RESTORES = "Restores-Promotion"
"""The promotion whose verified values are there again."""
APPROVED = "Promotion-Approved-By"


def one_line(text: str) -> str:
    """User text within one line, so that it can never make a trailer of its own."""
    return re.sub(r"\s+", " ", text).strip()


def trailers_of(promotion: Promotion, plan: Plan | None, approved_by: Sequence[str]) -> list[tuple[str, str]]:
    """The trailers of a promotion's commit, in their order; empty ones are left out."""
    pairs = [
        (PROMOTION_ID, promotion.id),
        ("Promotion-Application", promotion.application),
        ("Promotion-Environment", promotion.environment),
        ("Promotion-Release", plan.release_id if plan else ""),
        ("Promotion-Source", plan.source if plan else ""),
        ("Promotion-Plan", plan.hash if plan else ""),
        ("Promotion-Requested-By", str(promotion.requester)),
        *((APPROVED, name) for name in approved_by),
    ]
    return [(key, one_line(value)) for key, value in pairs if value]


def trailers_of_rollback(rollback: Promotion) -> list[tuple[str, str]]:
    """Those of a promotion's commit, and what is taken back and restored."""
    back = [rollback.reverts] if rollback.reverts else rollback.took_back
    more = [(RESTORES, rollback.restores), *((REVERTS, promotion) for promotion in back)]
    return [*trailers_of(rollback, None, ()), *((key, value) for key, value in more if value)]


def subject_of_rollback(rollback: Promotion) -> str:
    return f"Roll back {rollback.application} in {rollback.environment} to {rollback.previous or 'what was there'}"


def is_rollback(trailers: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the commit with these trailers took back instead of bringing something."""
    return REVERTS in trailers or RESTORES in trailers


def lines(trailers: Sequence[tuple[str, str]]) -> str:
    """The last paragraph of a message."""
    return "\n".join(f"{key}: {value}" for key, value in trailers)


def compose(subject: str, body: str, trailers: Sequence[tuple[str, str]]) -> str:
    paragraphs = [one_line(subject), body.strip(), lines(trailers)]
    return "\n\n".join(part for part in paragraphs if part) + "\n"


def read_trailers(message: str) -> Mapping[str, tuple[str, ...]]:
    """The trailers of the last paragraph; empty when it is not made of trailers alone."""
    lines = message.strip().split("\n\n")[-1].splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        key, separator, value = line.partition(": ")
        if not separator or not re.fullmatch(r"[A-Za-z0-9-]+", key):
            return {}
        found[key] = (*found.get(key, ()), value.strip())
    return found
