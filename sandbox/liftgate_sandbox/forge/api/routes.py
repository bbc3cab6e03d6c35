"""Every REST operation: method, path, handler, and the permission it needs."""

from __future__ import annotations

from typing import NamedTuple

from liftgate_sandbox.forge.api import (
    account,
    apps,
    checks,
    commits,
    contents,
    issues,
    merge,
    pulls,
    refs,
    repositories,
    reviews,
    rules,
    rulesets,
)
from liftgate_sandbox.forge.api.call import Handler
from liftgate_sandbox.forge.model import Permission


class Operation(NamedTuple):
    """One of them; handlers of the account have no repository."""

    method: str
    path: str
    handler: Handler
    needs: Permission = "read"
    counts: bool = True
    """Whether a call counts for the rate limit."""
    of_app: bool = False
    """Whether an App signs in with a JWT, and not a user with a token."""


ACCOUNT = (
    Operation("GET", "/user", account.get),
    Operation("GET", "/rate_limit", account.rate_limit, counts=False),
    Operation("GET", "/app", apps.get, of_app=True),
    Operation("POST", "/app/installations/{number}/access_tokens", apps.create_token, of_app=True),
    Operation("GET", "/apps/{slug}", apps.by_slug),
    Operation("GET", "/orgs/{organization}/teams/{slug}", account.team),
    Operation("GET", "/users/{login}", account.by_login),
    Operation("GET", "/users/{login}/ssh_signing_keys", account.keys_of),
    Operation("GET", "/user/ssh_signing_keys", account.list_keys),
    Operation("POST", "/user/ssh_signing_keys", account.add_key),
)
# These paths are below /repos/{owner}/{repo}.
OPERATIONS = (
    Operation("GET", "", repositories.get),
    Operation("GET", "/installation", apps.of_repository, of_app=True),
    Operation("GET", "/rulesets", rulesets.list_all),
    Operation("POST", "/rulesets", rulesets.create, "admin"),
    Operation("GET", "/rulesets/{number}", rulesets.get),
    Operation("PUT", "/rulesets/{number}", rulesets.update, "admin"),
    Operation("DELETE", "/rulesets/{number}", rulesets.delete, "admin"),
    Operation("GET", "/codeowners/errors", rulesets.owner_errors),
    Operation("GET", "/branches", repositories.list_branches),
    Operation("GET", "/branches/{branch:path}/protection", repositories.get_protection),
    Operation("GET", "/branches/{branch:path}", repositories.get_branch),
    Operation("GET", "/rules/branches/{branch:path}", rules.of_branch),
    Operation("GET", "/hooks", repositories.list_hooks, "admin"),
    Operation("POST", "/hooks", repositories.create_hook, "admin"),
    Operation("GET", "/git/ref/{ref:path}", refs.get),
    Operation("GET", "/git/matching-refs/{ref:path}", refs.matching),
    Operation("GET", "/git/refs/{ref:path}", refs.get),
    Operation("POST", "/git/refs", refs.create, "write"),
    Operation("PATCH", "/git/refs/{ref:path}", refs.update, "write"),
    Operation("DELETE", "/git/refs/{ref:path}", refs.delete, "write"),
    Operation("GET", "/commits", commits.list_all),
    Operation("GET", "/commits/{ref:path}/status", commits.combined_status),
    Operation("GET", "/commits/{ref:path}/statuses", commits.list_statuses),
    Operation("GET", "/commits/{ref:path}/check-runs", checks.list_all),
    Operation("GET", "/commits/{ref:path}/pulls", pulls.list_of_commit),
    Operation("GET", "/commits/{ref:path}", commits.get),
    Operation("POST", "/statuses/{sha}", commits.create_status, "write"),
    Operation("POST", "/check-runs", checks.create, "write"),
    Operation("PATCH", "/check-runs/{number}", checks.update, "write"),
    Operation("GET", "/check-runs/{number}/annotations", checks.list_annotations),
    Operation("GET", "/compare/{range:path}", commits.compare),
    Operation("GET", "/contents/{path:path}", contents.get),
    Operation("GET", "/pulls", pulls.list_all),
    Operation("POST", "/pulls", pulls.create, "write"),
    Operation("GET", "/pulls/{number}", pulls.get),
    Operation("PATCH", "/pulls/{number}", pulls.update, "write"),
    Operation("GET", "/pulls/{number}/files", pulls.list_files),
    Operation("PUT", "/pulls/{number}/merge", merge.merge, "write"),
    Operation("GET", "/pulls/{number}/reviews", reviews.list_all),
    Operation("POST", "/pulls/{number}/reviews", reviews.create),
    Operation("PUT", "/pulls/{number}/reviews/{review}/dismissals", reviews.dismiss, "write"),
    Operation("GET", "/pulls/{number}/requested_reviewers", pulls.list_reviewers),
    Operation("POST", "/pulls/{number}/requested_reviewers", pulls.request_reviewers, "write"),
    Operation("DELETE", "/pulls/{number}/requested_reviewers", pulls.remove_reviewers, "write"),
    Operation("GET", "/issues/{number}/comments", issues.list_comments),
    Operation("POST", "/issues/{number}/comments", issues.create_comment),
    Operation("PATCH", "/issues/comments/{number}", issues.update_comment, "write"),
    Operation("DELETE", "/issues/comments/{number}", issues.delete_comment, "write"),
    Operation("GET", "/issues/{number}/labels", issues.list_labels),
    Operation("POST", "/issues/{number}/labels", issues.add_labels, "write"),
    Operation("PUT", "/issues/{number}/labels", issues.set_labels, "write"),
    Operation("DELETE", "/issues/{number}/labels/{label}", issues.remove_label, "write"),
)
