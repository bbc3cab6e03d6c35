"""Which reviews GitHub's own rules of a branch still lack; Liftgate's gates count reviews by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.integrations.forge.github_answers import Pull, Review, Rule, Ruleset, read
from liftgate.integrations.forge.github_rest import Rest


def can_bypass(rest: Rest, rules: Iterable[Rule]) -> bool:
    """Whether our token may pass by every one of these rules; the list of rules does not tell that."""
    found = [each.ruleset_id for each in rules]
    return bool(found) and all(_may_bypass(rest, each) for each in found)


def _may_bypass(rest: Rest, ruleset: int | None) -> bool:
    """An organization's ruleset may be hidden from us: then only the try tells."""
    path = f"/rulesets/{ruleset}"
    told = rest.get(path, missing=(403, 404)) if ruleset else None
    return told is None or read(Ruleset, told, path).current_user_can_bypass != "never"


def review_problem(rest: Rest, pull: Pull, rules: Iterable[Rule]) -> str:
    """A sentence; empty where nothing is missing, or where only the try tells: who may write is not asked here."""
    of_reviews = [rule for rule in rules if rule.type == "pull_request" and _needed(rule)]
    if not of_reviews:
        return ""
    path = f"/pulls/{pull.number}/reviews"
    given = [read(Review, each, path).as_ours for each in rest.pages(path)]
    author = pull.user.login if pull.user else ""
    last = {each.login: each for each in given if each.state != "other" and each.login != author}
    against = sorted(each.login for each in last.values() if each.state == "changes requested")
    any_commit = not any(rule.parameters.get("dismiss_stale_reviews_on_push") for rule in of_reviews)
    count = sum(each.state == "approved" and (any_commit or each.commit == pull.head.sha) for each in last.values())
    needed = max(map(_needed, of_reviews))
    if (count >= needed and not against) or can_bypass(rest, of_reviews):
        return ""
    if against:
        return f"changes were requested in a review by {', '.join(against)}"
    return f"{pull.base.ref} needs {needed} approving review{'s' if needed > 1 else ''} of its head, and has {count}"


def _needed(rule: Rule) -> int:
    count = rule.parameters.get("required_approving_review_count")
    return count if isinstance(count, int) else 0
