"""Rulesets: which of them hold for a branch and a person, and what they refuse at a push and at a merge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from liftgate_sandbox.forge import code_owners, history, signatures
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Protection, Pull, Repository, Ruleset, User
from liftgate_sandbox.forge.readiness import check_states, checks_missing, decisions, reviews_missing
from liftgate_sandbox.forge.receipts import ZERO, Change

PARTS = re.compile(r"\*\*/?|\*|\?")
WORDS = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
ROLES = {"read": 1, "write": 4, "admin": 5}
"""The ids that GitHub gives to its roles."""
REFUSED = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected branch",
    "non_fast_forward": "Cannot force-push to this branch",
    "pull_request": "Changes must be made through a pull request.",
    "required_signatures": "Commits must have verified signatures.",
}


def expression(repository: Repository, patterns: tuple[str, ...]) -> str:
    """One extended regular expression for fnmatch patterns of full refs; it fits nothing if there are none."""
    known = {"~ALL": "refs/heads/**", "~DEFAULT_BRANCH": f"refs/heads/{repository.default_branch}"}
    return "|".join(f"({_expression(known.get(each, each))})" for each in patterns) or "nothing"


def _expression(pattern: str) -> str:
    parts, at = [], 0
    for found in PARTS.finditer(pattern):
        parts += [_literally(pattern[at : found.start()]), WORDS[found[0]]]
        at = found.end()
    return "".join(parts) + _literally(pattern[at:])


def _literally(text: str) -> str:
    """For Python and grep alike: grep warns of a backslash before a letter that needs none."""
    return re.sub(r"([.\[\](){}*+?^$|\\])", r"\\\1", text)


def of_branch(repository: Repository, branch: str) -> list[Ruleset]:
    """The active rulesets of the branch, whether it exists or not."""
    ref = f"refs/heads/{branch}"
    return [
        each
        for each in repository.rulesets
        if each.enforcement == "active"
        and re.fullmatch(expression(repository, each.include), ref)
        and not re.fullmatch(expression(repository, each.exclude), ref)
    ]


def passes(core: Core, ruleset: Ruleset, user: User, *, merging: bool = False) -> bool:
    """Whether the ruleset does not hold for this user."""
    modes = ("always", "exempt", "pull_request") if merging else ("always", "exempt")
    app = core.apps.get(user.login)
    own: set[tuple[str, int | None]] = {("User", user.id), ("RepositoryRole", ROLES[user.permission])}
    own |= {("Integration", app.id)} if app else set()
    own |= {("Team", team.id) for team in core.store.teams() if user.login in team.members}
    return any((each.actor_type, each.actor_id) in own and each.bypass_mode in modes for each in ruleset.bypass_actors)


def hook_rules(core: Core, repository: Repository, user: User) -> str:
    """Lines `type include exclude` for git's update hook: the rules that hold for this pusher."""
    return "\n".join(
        f"{rule.type} {expression(repository, each.include)} {expression(repository, each.exclude)}"
        for each in repository.rulesets
        if each.enforcement == "active" and not passes(core, each, user)
        for rule in each.rules
    )


def refused_change(core: Core, repository: Repository, user: User, change: Change, *, force: bool) -> list[str]:
    """Why the REST API does not change this ref."""
    branch = change.ref.removeprefix("refs/heads/")
    kinds = {"creation"} if change.old == ZERO else {"deletion"} if change.new == ZERO else {"update", "pull_request"}
    kinds |= {"non_fast_forward"} if force else set()
    held = [rule for each in of_branch(repository, branch) if not passes(core, each, user) for rule in each.rules]
    return [REFUSED[rule.type] for rule in held if rule.type in kinds]


def refused_merge(core: Core, repository: Repository, pull: Pull, user: User | None, writers: set[str]) -> list[str]:
    """Why the pull request is not merged, in GitHub's words; without a user, for one who may pass by nothing."""
    held = [
        rule
        for each in of_branch(repository, pull.base)
        if user is None or not passes(core, each, user, merging=True)
        for rule in each.rules
    ]
    found: list[str] = []
    for rule in held:
        if rule.type == "update":
            found.append(REFUSED["update"])
        elif rule.type == "required_signatures" and _unsigned(core, repository, pull):
            found.append(REFUSED["required_signatures"])
        elif rule.type == "required_status_checks":
            contexts = [each["context"] for each in rule.parameters.get("required_status_checks", ())]
            found += checks_missing(contexts, check_states(repository, pull.head_sha))
        elif rule.type == "pull_request":
            found += _reviews(core, repository, pull, rule.parameters, writers)
    return found


def _unsigned(core: Core, repository: Repository, pull: Pull) -> bool:
    bare = core.bare(repository)
    added = history.log(bare, f"{pull.base_sha}..{pull.head_sha}")
    return any(signatures.reason(core, bare, commit) != "valid" for commit in added)


def _reviews(
    core: Core, repository: Repository, pull: Pull, parameters: dict[str, object], writers: set[str]
) -> Iterator[str]:
    stale = Protection(dismiss_stale=bool(parameters.get("dismiss_stale_reviews_on_push")))
    states = {who: state for who, state in decisions(repository.reviews, pull, stale).items() if who in writers}
    yield from reviews_missing(int(str(parameters.get("required_approving_review_count", 0))), states)
    if parameters.get("require_code_owner_review"):
        approved = {who.lower() for who, state in states.items() if state == "APPROVED"}
        for owners in code_owners.of_pull(core, repository, pull):
            if not approved & owners:
                yield f"Waiting on code owner review from {' and/or '.join(sorted(owners))}."


def dismisses_stale(repository: Repository, branch: str) -> bool:
    return any(
        rule.parameters.get("dismiss_stale_reviews_on_push")
        for each in of_branch(repository, branch)
        for rule in each.rules
    )
