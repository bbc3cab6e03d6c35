"""Whether a pull request may be merged: pure rules over reviews, checks and protection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from liftgate_sandbox.forge.model import CheckRun, Protection, Pull, Repository, Review, Status

DECIDING = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
GOOD = ("success", "neutral", "skipped")


def check_states(repository: Repository, sha: str) -> dict[str, str]:
    """The newest state of each status context and check run: success, pending, failure …"""
    states = {status.context: status.state for status in repository.statuses if status.sha == sha}
    runs = {run.name: _run_state(run) for run in repository.checks if run.sha == sha}
    return {**states, **runs}


def _run_state(run: CheckRun) -> str:
    if run.status != "completed":
        return "pending"
    return "success" if run.conclusion in GOOD else "failure"


def newest_statuses(statuses: Iterable[Status]) -> list[Status]:
    """The last status of each context, newest first."""
    return list({status.context: status for status in statuses}.values())[::-1]


def combined(states: Collection[str]) -> str:
    """GitHub's word for all of them; none at all is pending."""
    if any(state in ("failure", "error") for state in states):
        return "failure"
    return "success" if states and all(state == "success" for state in states) else "pending"


def decisions(reviews: Iterable[Review], pull: Pull, rules: Protection) -> dict[str, str]:
    """The last deciding review of everybody but the author; stale approvals do not count where dismissed."""
    deciding = [
        review
        for review in reviews
        if review.pull == pull.number and review.state in DECIDING and review.user != pull.user
    ]
    last = {review.user: review for review in deciding}
    return {
        user: review.state
        for user, review in last.items()
        if review.state != "APPROVED" or review.commit == pull.head_sha or not rules.dismiss_stale
    }


def blockers(repository: Repository, pull: Pull, writers: Collection[str]) -> list[str]:
    """Why protection forbids the merge now, in GitHub's words; `writers`: whose reviews count."""
    rules = repository.protections.get(pull.base)
    if rules is None:
        return []
    states = {user: state for user, state in decisions(repository.reviews, pull, rules).items() if user in writers}
    return [
        *reviews_missing(rules.approvals, states),
        *checks_missing(rules.contexts, check_states(repository, pull.head_sha)),
    ]


def reviews_missing(needed: int, states: Mapping[str, str]) -> list[str]:
    """`states`: the last deciding review of each person who counts."""
    if not needed:
        return []
    if "CHANGES_REQUESTED" in states.values():
        return ["Changes have been requested by a reviewer with write access."]
    if list(states.values()).count("APPROVED") >= needed:
        return []
    noun = "review is" if needed == 1 else "reviews are"
    return [f"At least {needed} approving {noun} required by reviewers with write access."]


def checks_missing(contexts: Iterable[str], states: Mapping[str, str]) -> list[str]:
    """A sentence for each of the contexts that is not successful."""
    words = {"pending": "pending", "success": "", None: "expected"}
    missing = {context: words.get(states.get(context), "failing") for context in contexts}
    return [f'Required status check "{context}" is {word}.' for context, word in missing.items() if word]


def failing(repository: Repository, sha: str) -> bool:
    """Something failed, required or not: what GitHub calls unstable."""
    return combined(check_states(repository, sha).values()) == "failure"
