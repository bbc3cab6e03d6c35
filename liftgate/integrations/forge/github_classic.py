"""GitHub's classic protection of one branch, which older servers have instead of rulesets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pydantic import Field

from liftgate.domain.protection.ruleset import Rule
from liftgate.integrations.forge.github_answers import Answer, Branch, read
from liftgate.integrations.forge.github_rest import Rest


class _Flag(Answer):
    enabled: bool = False


class _Checks(Answer):
    strict: bool = False
    contexts: list[str] = Field(default_factory=list)


class _Reviews(Answer):
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    required_approving_review_count: int = 0


class _Protection(Answer):
    required_status_checks: _Checks | None = None
    required_pull_request_reviews: _Reviews | None = None
    required_signatures: _Flag = _Flag()
    allow_force_pushes: _Flag = _Flag()
    allow_deletions: _Flag = _Flag()
    restrictions: dict[str, Any] | None = None


def rules(rest: Rest, branch: str) -> tuple[Rule, ...]:
    """In the words of rulesets; for a reader only what every reader is told."""
    path = f"/branches/{quote(branch, safe='')}"
    found = rest.get(f"{path}/protection", missing=(403, 404))
    if found is not None:
        return tuple(_in_full(read(_Protection, found, path)))
    told = rest.get(path, missing=(404,))
    short = read(Branch, told, path).protection if told else None
    contexts = short.required_status_checks.contexts if short and short.required_status_checks else []
    return (_checks(contexts),) if contexts else ()


def _in_full(there: _Protection) -> Iterator[Rule]:
    if not there.allow_deletions.enabled:
        yield Rule(type="deletion")
    if not there.allow_force_pushes.enabled:
        yield Rule(type="non_fast_forward")
    if there.required_signatures.enabled:
        yield Rule(type="required_signatures")
    if there.restrictions is not None:
        yield Rule(type="update")
        yield Rule(type="creation")
    if reviews := there.required_pull_request_reviews:
        yield Rule(
            type="pull_request",
            parameters={
                "required_approving_review_count": reviews.required_approving_review_count,
                "require_code_owner_review": reviews.require_code_owner_reviews,
                "dismiss_stale_reviews_on_push": reviews.dismiss_stale_reviews,
            },
        )
    if checks := there.required_status_checks:
        yield _checks(checks.contexts)


def _checks(contexts: list[str]) -> Rule:
    return Rule(
        type="required_status_checks",
        parameters={"required_status_checks": [{"context": context} for context in contexts]},
    )
