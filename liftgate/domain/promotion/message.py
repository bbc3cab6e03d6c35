"""Writes and reads the commit's message and its trailers (git-interpret-trailers(1))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from liftgate.domain.common.plain import one_line
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, Rollback

PROMOTION_ID = "Promotion-Id"
APPLICATION = "Promotion-Application"
ENVIRONMENT = "Promotion-Environment"
SOURCE = "Promotion-Source"
SOURCE_PATH = "Promotion-Source-Path"
"""One for each file that the release was read from, at the commit of SOURCE."""
PATH = "Promotion-Path"
"""One for each values file of the environment."""
PLAN = "Promotion-Plan"
"""The whole digest of the plan."""
REVERTS = "Reverts-Promotion"
"""One for each promotion that the commit reverts."""
RESTORES = "Restores-Promotion"
"""The promotion whose verified values the commit restores."""
APPROVED = "Promotion-Approved-By"
_KEY: Final = re.compile(r"[A-Za-z0-9-]+")
_NO_SUBJECT: Final = "Change"


def trailers_of(promotion: Attempt, plan: Plan | None, approved_by: Sequence[str]) -> list[tuple[str, str]]:
    """The trailers of a promotion's commit, in order; empty ones are left out."""
    pairs = [
        (PROMOTION_ID, promotion.id),
        (APPLICATION, promotion.application),
        (ENVIRONMENT, promotion.environment),
        ("Promotion-Release", plan.release_id if plan else ""),
        (SOURCE, plan.source if plan else ""),
        *((SOURCE_PATH, path) for path in (plan.source_paths if plan else ())),
        *((PATH, path) for path in (plan.paths if plan else promotion.paths)),
        (PLAN, plan.hash if plan else ""),
        ("Promotion-Requested-By", str(promotion.requester)),
        *((APPROVED, name) for name in approved_by),
    ]
    return _filled(pairs)


def trailers_of_rollback(rollback: Rollback) -> list[tuple[str, str]]:
    """The trailers of a rollback's commit: those of a promotion, and what it reverts and restores."""
    back = [rollback.reverts] if rollback.reverts else rollback.took_back
    more = [(RESTORES, rollback.restores), *((REVERTS, promotion) for promotion in back)]
    return [*trailers_of(rollback, None, ()), *_filled(more)]


def subject_of_rollback(rollback: Rollback) -> str:
    return f"Roll back {rollback.application} in {rollback.environment} to {rollback.previous or 'the earlier values'}"


def is_rollback(trailers: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the commit with these trailers is a rollback."""
    return REVERTS in trailers or RESTORES in trailers


def trailer_lines(trailers: Sequence[tuple[str, str]]) -> str:
    """The last paragraph of a message."""
    return "\n".join(f"{key}: {value}" for key, value in trailers)


def compose(subject: str, reason: str, trailers: Sequence[tuple[str, str]], note: str = "") -> str:
    """A whole message; each text is one line, so that only the trailers are read as trailers."""
    return f"{one_line(subject) or _NO_SUBJECT}\n\n{message_body(reason, trailers, note)}".strip() + "\n"


def message_body(reason: str, trailers: Sequence[tuple[str, str]], note: str = "") -> str:
    """The text below the subject, for forges that take it separately."""
    parts = [one_line(reason), one_line(note), trailer_lines(_filled(trailers))]
    return "\n\n".join(part for part in parts if part)


def reason_of(message: str) -> str:
    """The first paragraph between the subject and the trailers; empty if there is none."""
    return one_line("".join(message.strip().split("\n\n")[1:-1][:1]))


def read_trailers(message: str) -> Mapping[str, tuple[str, ...]]:
    """The trailers of the last paragraph; empty if it contains anything else."""
    found: dict[str, tuple[str, ...]] = {}
    for line in message.strip().split("\n\n")[-1].split("\n"):
        key, separator, value = line.partition(": ")
        if not separator or not _KEY.fullmatch(key):
            return {}
        found[key] = (*found.get(key, ()), value.strip())
    return found


def _filled(trailers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Git does not read a trailer without a value, and then ignores the others too."""
    return [(key, value) for key, value in ((key, one_line(value)) for key, value in trailers) if value]
