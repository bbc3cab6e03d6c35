"""Rules in sentences: what is wanted, and what can happen without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.common.words import in_words
from liftgate.domain.protection.ruleset import Rule

_Words = Callable[[Mapping[str, Json]], str]


def named(branches: tuple[str, ...]) -> str:
    """One branch by its name; those that only the worker pushes together."""
    return branches[0] if len(branches) == 1 else "Liftgate's own branches"


def sentence(rule: Rule, branches: tuple[str, ...]) -> str:
    """What the rule says of these branches."""
    words = _WANTED.get(rule.type)
    return f"{named(branches)}: {words(rule.parameters) if words else rule.type}"


def allows(rule: Rule, branches: tuple[str, ...]) -> str:
    """What can happen while the rule is missing."""
    return _ALLOWS[rule.type].format(branches=named(branches))


def _pull_request(parameters: Mapping[str, Json]) -> str:
    count = parameters.get("required_approving_review_count") or 0
    said = ["changes by pull request only"]
    said += [f"{count} approving review{'s' if count > 1 else ''}"] if count else []
    said += ["a review by the code owners"] if parameters.get("require_code_owner_review") else []
    said += ["a new commit needs new reviews"] if parameters.get("dismiss_stale_reviews_on_push") else []
    return ", ".join(said)


def _status_checks(parameters: Mapping[str, Json]) -> str:
    listed = parameters.get("required_status_checks") or []
    names = [str(each.get("context", "")) for each in listed if isinstance(each, dict)]
    return f"the status check {in_words(names)} must pass" if names else "no status check"


_WANTED: Final[Mapping[str, _Words]] = {
    "deletion": lambda _: "no deletion",
    "non_fast_forward": lambda _: "no force push",
    "required_signatures": lambda _: "signed commits only",
    "creation": lambda _: "only the worker may create them",
    "update": lambda _: "only the worker may push to them",
    "pull_request": _pull_request,
    "required_status_checks": _status_checks,
}
_ALLOWS: Final[Mapping[str, str]] = {
    "deletion": "everyone with the role Write can delete {branches}",
    "non_fast_forward": "everyone with the role Write can rewrite the history of {branches}",
    "required_signatures": "commits without a signature come onto {branches}",
    "creation": "everyone with the role Write can create {branches} first, and so stop promotions",
    "update": "everyone with the role Write can push to {branches}: proposals move under their reviews, and foreign "
    "files come into the ledger",
    "pull_request": "everyone with the role Write can push to {branches} past the gates, or merge without a review",
    "required_status_checks": "a pull request can be merged before the gates of its environment are open",
}
