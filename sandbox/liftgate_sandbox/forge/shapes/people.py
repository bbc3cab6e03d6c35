"""Users and repositories in GitHub's JSON."""

from __future__ import annotations

import base64
from typing import Any

from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Repository, User

USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
# Below the repository's own address; a name that is missing here would make strict clients refuse the answer.
REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
NUMBERS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")
UNKNOWN_OF_PEOPLE = ("bio", "blog", "company", "hireable", "location", "twitter_username")
COUNTS_OF_PEOPLE = ("followers", "following", "public_gists", "public_repos")
ABSENT = ("description", "homepage", "language", "license", "mirror_url")
OFF = (
    "fork",
    "archived",
    "disabled",
    "has_downloads",
    "has_discussions",
    "has_pages",
    "has_projects",
    "has_wiki",
    "is_template",
    "web_commit_signoff_required",
)

EPOCH = "2024-01-01T00:00:00Z"
"""When nobody wrote down when."""


def node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def api(core: Core, repository: Repository | None = None) -> str:
    """The address of the REST API, or of one repository in it."""
    return f"{core.url}/api/v3" + (f"/repos/{repository.full_name}" if repository else "")


def html(core: Core, repository: Repository) -> str:
    return f"{core.url}/{repository.full_name}"


def user(core: Core, person: User) -> dict[str, Any]:
    url = f"{core.url}/api/v3/users/{person.login}"
    return {
        "login": person.login,
        "id": person.id,
        "node_id": node_id("User", person.id),
        "avatar_url": "",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{core.url}/{person.login}",
        **{name: url + path for name, path in USER_LINKS.items()},
        "type": "Bot" if person.bot else "User",
        "site_admin": False,
    }


def me(core: Core, person: User) -> dict[str, Any]:
    """The signed-in user, who sees their own name and e-mail."""
    return {
        **user(core, person),
        **dict.fromkeys(UNKNOWN_OF_PEOPLE),
        **dict.fromkeys(COUNTS_OF_PEOPLE, 0),
        "name": person.name,
        "email": person.email,
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }


def owner(core: Core, repository: Repository) -> dict[str, Any]:
    return {**user(core, core.user(repository.owner)), "type": "Organization"}


def repository(core: Core, of: Repository) -> dict[str, Any]:
    url, page = api(core, of), html(core, of)
    open_pulls = sum(pull.state == "open" for pull in of.pulls)
    return {
        "id": of.id,
        "node_id": node_id("Repository", of.id),
        "name": of.name,
        "full_name": of.full_name,
        "owner": owner(core, of),
        "private": True,
        "visibility": "private",
        "html_url": page,
        "clone_url": f"{page}.git",
        "git_url": f"{page}.git",
        "ssh_url": f"{page}.git",
        "svn_url": page,
        "url": url,
        **dict.fromkeys(ABSENT),
        **dict.fromkeys(OFF, False),
        **dict.fromkeys(NUMBERS, 0),
        **{name: url + path for name, path in REPOSITORY_LINKS.items()},
        "default_branch": of.default_branch,
        "has_issues": True,
        "topics": [],
        "custom_properties": {},
        "open_issues": open_pulls,
        "open_issues_count": open_pulls,
        "created_at": of.created_at,
        "updated_at": of.created_at,
        "pushed_at": of.created_at,
        "allow_merge_commit": "merge" in of.merge_methods,
        "allow_squash_merge": "squash" in of.merge_methods,
        "allow_rebase_merge": "rebase" in of.merge_methods,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }


def permissions(person: User) -> dict[str, bool]:
    """What the asker may do, as GitHub adds it to a repository."""
    return {"admin": person.may("admin"), "push": person.may("write"), "pull": True}
