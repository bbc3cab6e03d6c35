"""Users and repositories in GitHub's JSON."""

from __future__ import annotations

import base64
from typing import Any

from liftgate.sandbox.forge.core import Core
from liftgate.sandbox.forge.model import Repository, User

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
REPOSITORY_LINKS = {
    "branches_url": "/branches{/branch}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "git_refs_url": "/git/refs{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issues_url": "/issues{/number}",
    "labels_url": "/labels{/name}",
    "pulls_url": "/pulls{/number}",
    "statuses_url": "/statuses/{sha}",
}


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
    return {**user(core, person), "name": person.name, "email": person.email}


def owner(core: Core, repository: Repository) -> dict[str, Any]:
    return {**user(core, core.user(repository.owner)), "type": "Organization"}


def repository(core: Core, of: Repository) -> dict[str, Any]:
    url = api(core, of)
    return {
        "id": of.id,
        "node_id": node_id("Repository", of.id),
        "name": of.name,
        "full_name": of.full_name,
        "owner": owner(core, of),
        "private": True,
        "visibility": "private",
        "html_url": html(core, of),
        "clone_url": f"{html(core, of)}.git",
        "description": None,
        "fork": False,
        "url": url,
        **{name: url + path for name, path in REPOSITORY_LINKS.items()},
        "default_branch": of.default_branch,
        "archived": False,
        "disabled": False,
        "allow_merge_commit": True,
        "allow_squash_merge": False,
        "allow_rebase_merge": False,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }


def permissions(person: User) -> dict[str, bool]:
    """What the asker may do, as GitHub adds it to a repository."""
    return {"admin": person.may("admin"), "push": person.may("write"), "pull": True}
