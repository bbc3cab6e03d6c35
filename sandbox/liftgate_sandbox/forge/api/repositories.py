"""Repository, branches, protection, rules and webhooks."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid, not_found
from liftgate_sandbox.forge.history import one
from liftgate_sandbox.forge.model import Hook, Protection
from liftgate_sandbox.forge.shapes import commits, people


def get(call: Call) -> Reply:
    shape = people.repository(call.core, call.repository)
    counts = {"network_count": 0, "subscribers_count": 0}
    return Reply({**shape, **counts, "permissions": people.permissions(call.user)})


def list_branches(call: Call) -> Reply:
    names = [ref.removeprefix("refs/heads/") for ref, _ in call.bare.refs("refs/heads/")]
    return Reply([_short_branch(call, name) for name in names])


def get_branch(call: Call) -> Reply:
    name = call.path["branch"]
    shape = _short_branch(call, name)
    commit = commits.commit(call.core, call.repository, one(call.bare, shape["commit"]["sha"]))
    links = {
        "self": f"{people.api(call.core, call.repository)}/branches/{name}",
        "html": f"{people.html(call.core, call.repository)}/tree/{name}",
    }
    rules = call.repository.protections.get(name, Protection())
    return Reply({**shape, "commit": commit, "_links": links, "protection": _summary(shape, rules)})


def _summary(branch: dict[str, Any], rules: Protection) -> dict[str, Any]:
    """What everybody may know of a branch's protection."""
    level = "everyone" if rules.contexts else "off"
    checks = {"enforcement_level": level, "contexts": list(rules.contexts), "checks": []}
    return {"enabled": branch["protected"], "required_status_checks": checks}


def _short_branch(call: Call, name: str) -> dict[str, Any]:
    sha = call.bare.branch(name)
    if sha is None:
        raise ApiError(404, "Branch not found")
    url = people.api(call.core, call.repository)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
        "protected": name in call.repository.protections,
        "protection_url": f"{url}/branches/{name}/protection",
    }


def get_protection(call: Call) -> Reply:
    """Only administrators see it; everybody else is told that there is nothing."""
    rules = call.repository.protections.get(call.path["branch"])
    if not call.user.may("admin"):
        raise not_found()
    if rules is None:
        raise ApiError(404, "Branch not protected")
    url = f"{people.api(call.core, call.repository)}/branches/{call.path['branch']}/protection"
    return Reply({"url": url, **_reviews(call, rules), **_checks(rules), **_pushers(call, rules), **_flags(url, rules)})


def _reviews(call: Call, rules: Protection) -> dict[str, Any]:
    if not rules.approvals:
        return {}
    return {
        "required_pull_request_reviews": {
            "required_approving_review_count": rules.approvals,
            "dismiss_stale_reviews": rules.dismiss_stale,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "bypass_pull_request_allowances": _allowed(call, rules),
        }
    }


def _pushers(call: Call, rules: Protection) -> dict[str, Any]:
    return {"restrictions": _allowed(call, rules)} if rules.locked else {}


def _allowed(call: Call, rules: Protection) -> dict[str, Any]:
    users = [people.user(call.core, call.core.user(login)) for login in rules.may_push]
    return {"users": users, "teams": [], "apps": []}


def _checks(rules: Protection) -> dict[str, Any]:
    if not rules.contexts:
        return {}
    return {
        "required_status_checks": {
            "strict": rules.strict,
            "contexts": list(rules.contexts),
            "checks": [{"context": context, "app_id": None} for context in rules.contexts],
        }
    }


def _flags(url: str, rules: Protection) -> dict[str, Any]:
    off = ("allow_force_pushes", "allow_deletions", "required_linear_history")
    return {"enforce_admins": {"url": f"{url}/enforce_admins", "enabled": not rules.admins_pass}} | {
        name: {"enabled": False} for name in off
    }


def list_hooks(call: Call) -> Reply:
    return Reply([_hook(call, hook) for hook in call.repository.hooks])


def create_hook(call: Call) -> Reply:
    config = call.body.get("config")
    if not isinstance(config, dict) or not config.get("url"):
        raise invalid("Hook", field="url", code="missing_field")
    events = tuple(call.texts("events")) or ("push",)
    identity = call.core.store.next_id()
    hook = Hook(id=identity, url=config["url"], secret=config.get("secret", ""), events=events)
    call.core.store.edit(call.repository.full_name, hooks=(*call.repository.hooks, hook))
    return Reply(_hook(call, hook), 201)


def _hook(call: Call, hook: Hook) -> dict[str, Any]:
    url = f"{people.api(call.core, call.repository)}/hooks/{hook.id}"
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": True,
        "events": list(hook.events),
        "config": {"url": hook.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"},
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "last_response": {"code": None, "status": "unused", "message": None},
        "created_at": call.repository.created_at,
        "updated_at": call.repository.created_at,
    }
