"""The merge call: exactly this head, allowed by protection, as a real three-way merge."""

from __future__ import annotations

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.following import finish, follow
from liftgate_sandbox.forge.mergeability import is_behind, merged_tree, writers
from liftgate_sandbox.forge.model import Pull
from liftgate_sandbox.forge.readiness import blockers
from liftgate_sandbox.forge.receipts import Change
from liftgate_sandbox.forge.rulesets import refused_merge

COMMITTER = {"GIT_COMMITTER_NAME": "Forge", "GIT_COMMITTER_EMAIL": "noreply@forge.example.com"}
BASE_MOVED = "Base branch was modified. Review and try the merge again."
UNMERGEABLE = "Pull Request is not mergeable"


def merge(call: Call) -> Reply:
    """200 with the merge commit; 409 another head; 405 everything else that stands in the way."""
    pull = call.pull()
    _refuse_method(call.text("merge_method", "merge"), call.repository.merge_methods)
    if pull.state == "closed":
        raise ApiError(405, UNMERGEABLE)
    if call.text("sha", pull.head_sha) != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    _refuse_unready(call, pull)
    commit = _merge_commit(call, pull)
    base = f"refs/heads/{pull.base}"
    if not call.bare.update_ref(base, commit, pull.base_sha):
        raise ApiError(405, BASE_MOVED)
    finish(call.core, call.repository, pull, call.user, commit)
    follow(call.core, call.repository, call.user, [Change(base, pull.base_sha, commit)])
    return Reply({"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


def _refuse_method(method: str, allowed: tuple[str, ...]) -> None:
    """The sandbox itself can only merge."""
    if method == "merge" and method not in allowed:
        raise ApiError(405, "Merge commits are not allowed on this repository.")
    if method in ("squash", "rebase"):
        raise ApiError(405, f"{method.capitalize()} merges are not allowed on this repository.")
    if method != "merge":
        raise ApiError(422, f'Invalid request.\n\n"{method}" is not a merge method.')


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


def _merge_commit(call: Call, pull: Pull) -> str:
    tree = merged_tree(call.bare, pull.base_sha, pull.head_sha)
    if tree is None:
        raise ApiError(405, UNMERGEABLE)
    title = call.text("commit_title", f"Merge pull request #{pull.number} from {call.repository.owner}/{pull.head}")
    message = call.text("commit_message", pull.title)
    when = now()
    author = {"GIT_AUTHOR_NAME": call.user.name, "GIT_AUTHOR_EMAIL": call.user.email}
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    return call.bare.run(
        *("commit-tree", tree, "-p", pull.base_sha, "-p", pull.head_sha, "-m", title),
        *(["-m", message] if message else []),
        **COMMITTER,
        **author,
        **dates,
    )
