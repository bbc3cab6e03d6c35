"""What GitHub requires of a branch, and how the required checks of a commit stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import quote

from liftgate.integrations.forge.github_answers import Branch, CheckRun, Rule, Status, not_githubs, read
from liftgate.integrations.forge.github_rest import PAGE, Rest

_GOOD: Final = ("success", "neutral", "skipped")
_ONLY_MERGE: Final = "Liftgate needs merge commits, because squash and rebase drop its signed commit"


class Required(NamedTuple):
    context: str
    app: int | None = None
    """The App whose check counts; None: any."""


class Standing(NamedTuple):
    waiting: tuple[str, ...] = ()
    """`name (state)` of each required check without a result."""
    failed: tuple[str, ...] = ()
    """`name (conclusion, link)`."""


def rules_of(rest: Rest, branch: str) -> list[Rule]:
    """The active rules of a branch, which need not exist yet; empty where the server does not tell them."""
    path = f"/rules/branches/{quote(branch, safe='')}"
    # An old server has no rules, and a free plan none for private repositories.
    return [read(Rule, each, path) for each in rest.pages(path, missing=(403, 404))]


def merge_problem(rest: Rest, branch: str, rules: Iterable[Rule]) -> str:
    """Why no merge commit of ours can come onto the branch; empty where one can."""
    for rule in rules:
        if rule.type == "merge_queue":
            return (
                f"{branch} has a merge queue, which would merge later, when the gates may be closed again: Liftgate "
                f"merges by itself; take the rule merge_queue off {branch} of {rest.repository}"
            )
        methods = rule.parameters.get("allowed_merge_methods")
        if rule.type == "required_linear_history" or (isinstance(methods, list) and "merge" not in methods):
            return f"{_ONLY_MERGE}: the rule {rule.type} of {branch} forbids them"
    return ""


def method_problem(rest: Rest, allowed: bool | None) -> str:
    """The same of the repository's own settings, which a stranger is not told."""
    return f"{_ONLY_MERGE}: turn on allow_merge_commit in the settings of {rest.repository}" if allowed is False else ""


def required_checks(rest: Rest, branch: str, rules: Iterable[Rule]) -> list[Required]:
    """Of rules and of the classic protection, which tells its contexts to every reader."""
    found = [each for rule in rules if rule.type == "required_status_checks" for each in _of_rule(rule)]
    path = f"/branches/{quote(branch, safe='')}"
    protection = read(Branch, rest.get(path), path).protection
    classic = protection.required_status_checks if protection else None
    return list(dict.fromkeys([*found, *(Required(name) for name in (classic.contexts if classic else ()))]))


def _of_rule(rule: Rule) -> list[Required]:
    listed = rule.parameters.get("required_status_checks")
    checks = [each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)]
    if any(not isinstance(each.get("context"), str) for each in checks):
        raise not_githubs("/rules", "context is missing or wrong")
    return [Required(each["context"], each.get("integration_id")) for each in checks]


def statuses_of(rest: Rest, sha: str) -> Iterator[Status]:
    """The newest status of each name at the commit."""
    path = f"/commits/{sha}/status"
    return (read(Status, each, path) for each in rest.pages(path, within="statuses"))


def standing(rest: Rest, sha: str, required: Iterable[Required]) -> Standing:
    """How the required checks of a commit stand. One that never began is waited for: it is `expected`."""
    needed = list(required)
    if not needed:
        return Standing()
    path = f"/commits/{sha}/check-runs"
    # A fine-grained token cannot be given the right to read them: then only GitHub's answer to the merge tells.
    listed = rest.get(path, missing=(403, 404), filter="latest", per_page=PAGE, page=1) is not None
    found = rest.pages(path, within="check_runs", filter="latest") if listed else ()
    runs = [read(CheckRun, each, path) for each in found]
    statuses = list(statuses_of(rest, sha))
    waiting, failed = [], []
    for one in needed:
        state, link = _state(one, runs, statuses) or ("expected" if listed else "", "")
        if state in ("expected", "pending"):
            waiting.append(f"{one.context} ({state})")
        elif state and state not in _GOOD:
            failed.append(f"{one.context} ({', '.join(filter(None, (state, link)))})")
    return Standing(tuple(waiting), tuple(failed))


def _state(required: Required, runs: Iterable[CheckRun], statuses: Iterable[Status]) -> tuple[str, str] | None:
    """State and link; None without any.

    If an App must give it, a status of that name may be another's: then GitHub's answer to the merge decides.
    """
    of_runs = [
        (run.conclusion or "pending" if run.status == "completed" else "pending", run.html_url or "")
        for run in runs
        if run.name == required.context and required.app in (None, run.app.id if run.app else None)
    ]
    of_statuses = [(each.state, each.target_url or "") for each in statuses if each.context == required.context]
    found = of_runs + of_statuses
    bad = [each for each in found if each[0] not in (*_GOOD, "pending")]
    pending = [each for each in found if each[0] == "pending"]
    return next(iter([*bad, *pending, *found]), None)
