"""What a person clicks on GitHub's pages to set a ruleset without our help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from liftgate.domain.protection.ruleset import Rule, Ruleset

_BOXES: Final[Mapping[str, str]] = {
    "creation": "Restrict creations",
    "update": "Restrict updates",
    "deletion": "Restrict deletions",
    "required_signatures": "Require signed commits",
    "pull_request": "Require a pull request before merging",
    "required_status_checks": "Require status checks to pass",
    "non_fast_forward": "Block force pushes",
}
"""The names of rules on the page of a ruleset."""
_CLASSIC: Final[Mapping[str, str]] = {
    "deletion": "leave “Allow deletions” off",
    "non_fast_forward": "leave “Allow force pushes” off",
    "required_signatures": "turn on “Require signed commits”",
    "pull_request": "turn on “Require a pull request before merging”",
    "required_status_checks": "turn on “Require status checks to pass before merging”",
}
"""What to do on the page of a classic protection."""


def clicks(page: str, ruleset: Ruleset) -> str:
    """Several lines; `page` is the repository's address."""
    return "\n".join(_lines(page, ruleset))


def _lines(page: str, ruleset: Ruleset) -> Iterator[str]:
    place = f"/{ruleset.id}" if ruleset.id else "/new?target=branch&enforcement=active"
    yield f"Open {page}/settings/rules{place}"
    yield f"  Ruleset Name: {ruleset.name}"
    yield "  Enforcement status: Active"
    for actor in ruleset.bypass:
        mode = "For pull requests only" if actor.mode == "pull_request" else "Always"
        yield f"  Bypass list, Add bypass: {actor}, {mode}"
    for branch in ruleset.branches:
        yield f"  Target branches, Add target, Include by pattern: {branch}"
    for rule in ruleset.rules:
        yield f"  Branch rules: turn on “{_BOXES.get(rule.type, rule.type)}”"
        yield from (f"    {each}" for each in _details(rule))
    yield f"  Press “{'Save changes' if ruleset.id else 'Create'}”"


def _details(rule: Rule) -> Iterator[str]:
    here = rule.parameters
    if rule.type == "pull_request":
        yield f"Required approvals: {here.get('required_approving_review_count') or 0}"
        if here.get("dismiss_stale_reviews_on_push"):
            yield "turn on “Dismiss stale pull request approvals when new commits are pushed”"
        if here.get("require_code_owner_review"):
            yield "turn on “Require review from Code Owners”"
    for check in here.get("required_status_checks") or ():
        yield f"Add checks: {check['context']}"


def classic_clicks(page: str, ruleset: Ruleset) -> str:
    """The same for a server that has only classic protections: one for each branch or pattern."""
    return "\n".join(line for branch in ruleset.branches for line in _classic(page, branch, ruleset))


def _classic(page: str, branch: str, ruleset: Ruleset) -> Iterator[str]:
    pattern = branch.replace("**", "*")  # there a star stands for no slash, and our branches have none after it
    passing = ", ".join(map(str, ruleset.bypass))
    yield f"Open {page}/settings/branches; edit the rule for “{pattern}”, or press “Add rule”"
    yield f"  Branch name pattern: {pattern}"
    types = [rule.type for rule in ruleset.rules]
    for rule in ruleset.rules:
        if rule.type == "required_status_checks" and passing:
            yield "  leave “Require status checks to pass before merging” off: it would refuse the worker's pushes"
        elif box := _CLASSIC.get(rule.type):
            yield f"  {box}"
            yield from (f"    {each}" for each in _details(rule))
            if rule.type == "pull_request" and passing:
                yield f"    turn on “Allow specified actors to bypass required pull requests”: {passing}"
    if "update" in types:
        yield f"  turn on “Restrict who can push to matching branches”: {passing}"
    yield "  turn on “Do not allow bypassing the above settings”"
    yield "  Press “Create” or “Save changes”"
