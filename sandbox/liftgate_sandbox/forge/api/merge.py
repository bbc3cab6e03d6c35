"""The merge call: exactly this head, allowed by protection, as a real merge, squash or rebase."""

from __future__ import annotations

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply
from liftgate_sandbox.forge.following import finish, follow
from liftgate_sandbox.forge.mergeability import is_behind, writers
from liftgate_sandbox.forge.merging import METHODS, Wanted
from liftgate_sandbox.forge.model import Pull
from liftgate_sandbox.forge.readiness import blockers
from liftgate_sandbox.forge.receipts import Change
from liftgate_sandbox.forge.rulesets import refused_merge

BASE_MOVED = "Base branch was modified. Review and try the merge again."
UNMERGEABLE = "Pull Request is not mergeable"
NOT_REBASED = "This branch can't be rebased"


def merge(call: Call) -> Reply:
    """200 with the merge commit; 409 another head; 405 everything else that stands in the way."""
    pull = call.pull()
    method = call.text("merge_method", "merge")
    _refuse_method(method, call.repository.merge_methods)
    if pull.state == "closed":
        raise ApiError(405, UNMERGEABLE)
    if call.text("sha", pull.head_sha) != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    _refuse_unready(call, pull)
    commit = _made(call, pull, method)
    base = f"refs/heads/{pull.base}"
    if not call.bare.update_ref(base, commit, pull.base_sha):
        raise ApiError(405, BASE_MOVED)
    finish(call.core, call.repository, pull, call.user, commit)
    follow(call.core, call.repository, call.user, [Change(base, pull.base_sha, commit)])
    return Reply({"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


def _refuse_method(method: str, allowed: tuple[str, ...]) -> None:
    if method not in METHODS:
        raise ApiError(422, f'Invalid request.\n\n"{method}" is not a merge method.')
    if method not in allowed:
        name = "Merge commits" if method == "merge" else f"{method.capitalize()} merges"
        raise ApiError(405, f"{name} are not allowed on this repository.")


def _refuse_unready(call: Call, pull: Pull) -> None:
    if pull.draft:
        raise ApiError(405, "Pull Request is still a draft")
    reasons = blockers(call.repository, pull, writers(call.core))
    rules = call.repository.protections.get(pull.base)
    if rules and rules.merge_queue:
        raise ApiError(405, "Changes must be made through the merge queue")
    if rules and rules.strict and is_behind(call.bare, pull):
        reasons.append("The head branch is not up to date with the base branch.")
    if reasons:
        raise ApiError(405, " ".join(reasons))
    if broken := refused_merge(call.core, call.repository, pull, call.user, writers(call.core)):
        raise ApiError(405, "\n".join(["Repository rule violations found\n", *broken]))


def _made(call: Call, pull: Pull, method: str) -> str:
    title, message = (call.text(name) if name in call.body else None for name in ("commit_title", "commit_message"))
    people = call.user, call.core.user(pull.user)
    wanted = Wanted(call.bare, call.repository, pull, *people, call.core.own_key, title, message)
    commit = METHODS[method](wanted)
    if commit is None:
        raise ApiError(405, NOT_REBASED if method == "rebase" else UNMERGEABLE)
    return commit
