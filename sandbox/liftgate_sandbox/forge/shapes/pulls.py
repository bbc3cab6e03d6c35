"""Pull requests, reviews and comments in GitHub's JSON."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge import diff
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.mergeability import Mergeability
from liftgate_sandbox.forge.model import Comment, Pull, Repository, Review
from liftgate_sandbox.forge.shapes.people import api, html, node_id, owner, repository, user

LINKS = {
    "html": "html_url",
    "self": "url",
    "issue": "issue_url",
    "comments": "comments_url",
    "commits": "commits_url",
    "statuses": "statuses_url",
    "review_comment": "review_comment_url",
    "review_comments": "review_comments_url",
}


def pull(core: Core, of: Repository, this: Pull) -> dict[str, Any]:
    """A pull request as lists and webhooks show it."""
    links = _addresses(core, of, this)
    return {
        **links,
        "id": this.id,
        "node_id": node_id("PullRequest", this.id),
        "number": this.number,
        "state": this.state,
        "locked": False,
        "title": this.title,
        "user": user(core, core.user(this.user)),
        "body": this.body,
        "labels": [label(core, of, name) for name in this.labels],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": this.created_at,
        "updated_at": this.updated_at,
        "closed_at": this.closed_at,
        "merged_at": this.merged_at,
        "merge_commit_sha": this.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [user(core, core.user(login)) for login in this.reviewers],
        "requested_teams": [],
        "head": _end(core, of, this.head, this.head_sha),
        "base": _end(core, of, this.base, this.base_sha),
        "_links": {name: {"href": links[key]} for name, key in LINKS.items()},
        "author_association": "COLLABORATOR",
        "auto_merge": None,
        "draft": this.draft,
    }


def full_pull(core: Core, of: Repository, this: Pull, merge: Mergeability) -> dict[str, Any]:
    """A pull request as GET of that one shows it."""
    size = diff.size(core.bare(of), this.base_sha, this.head_sha)
    return {
        **pull(core, of, this),
        "merged": this.merged_at is not None,
        "mergeable": merge.mergeable,
        "rebaseable": False,
        "mergeable_state": merge.state,
        "merged_by": user(core, core.user(this.merged_by)) if this.merged_by else None,
        "comments": sum(comment.issue == this.number for comment in of.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": size.commits,
        "additions": size.added,
        "deletions": size.deleted,
        "changed_files": size.files,
    }


def _addresses(core: Core, of: Repository, this: Pull) -> dict[str, str]:
    url, page = f"{api(core, of)}/pulls/{this.number}", f"{html(core, of)}/pull/{this.number}"
    issue = f"{api(core, of)}/issues/{this.number}"
    return {
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api(core, of)}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{api(core, of)}/statuses/{this.head_sha}",
    }


def _end(core: Core, of: Repository, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{of.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": owner(core, of),
        "repo": repository(core, of),
    }


def label(core: Core, of: Repository, name: str) -> dict[str, Any]:
    number = sum(name.encode())
    return {
        "id": number,
        "node_id": node_id("Label", number),
        "url": f"{api(core, of)}/labels/{name}",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def review(core: Core, of: Repository, this: Pull, given: Review) -> dict[str, Any]:
    links = _addresses(core, of, this)
    page = f"{links['html_url']}#pullrequestreview-{given.id}"
    return {
        "id": given.id,
        "node_id": node_id("PullRequestReview", given.id),
        "user": user(core, core.user(given.user)),
        "body": given.body,
        "state": given.state,
        "html_url": page,
        "pull_request_url": links["url"],
        "author_association": "COLLABORATOR",
        "_links": {"html": {"href": page}, "pull_request": {"href": links["url"]}},
        "submitted_at": given.submitted_at,
        "commit_id": given.commit,
    }


def comment(core: Core, of: Repository, this: Comment) -> dict[str, Any]:
    page = f"{html(core, of)}/pull/{this.issue}#issuecomment-{this.id}"
    return {
        "id": this.id,
        "node_id": node_id("IssueComment", this.id),
        "url": f"{api(core, of)}/issues/comments/{this.id}",
        "html_url": page,
        "issue_url": f"{api(core, of)}/issues/{this.issue}",
        "body": this.body,
        "user": user(core, core.user(this.user)),
        "created_at": this.created_at,
        "updated_at": this.updated_at,
        "author_association": "COLLABORATOR",
    }
