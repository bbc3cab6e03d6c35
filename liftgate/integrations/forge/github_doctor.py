"""What `liftgate doctor` says of GitHub: each check is a sentence with what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx

from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.protection.foreign import OURS, PUSHED
from liftgate.errors import LiftgateError
from liftgate.integrations.forge import MERGES
from liftgate.integrations.forge.github_answers import Repository, read
from liftgate.integrations.forge.github_approvals import can_bypass
from liftgate.integrations.forge.github_checks import merge_problem, method_problem, rules_of
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.http import client, json_of, send

_SOON: Final = timedelta(days=14)
_EXPIRES: Final = "github-authentication-token-expiration"
_OTHERS: Final = {
    "Forgejo": "/api/forgejo/v1/version",
    "Gitea": "/api/v1/version",
    "GitLab": "/api/v4/version",
}
"""Where another product answers with JSON, with any status."""


def inspect(rest: Rest, base: str) -> Mapping[str, Verdict]:
    """All checks; after one without which the others mean nothing, they are left out."""
    found: dict[str, Verdict] = {}
    try:
        response = rest.send("GET", "")
    except LiftgateError as error:
        return {"forge: token": failed(str(error))}
    if other := _not_ours(rest, response):
        return {"forge": failed(other)}
    found["forge: token"] = _token(rest, response)
    if response.status_code == 401:
        return found
    if response.status_code in (403, 404):
        lacking = f"no repository {rest.repository} for this token (or its name is wrong)"
        return found | {"forge: repository": failed(f"{lacking}; look at what the token may read")}
    checks: dict[str, Callable[[Repository], Verdict]] = {
        "forge: repository": lambda repository: _repository(rest, repository),
        "forge: push": lambda repository: _push(rest, base, repository),
        MERGES: lambda repository: _merge(rest, base, repository),
    }
    return found | {name: _tried(check, rest, response) for name, check in checks.items()}


def _tried(check: Callable[[Repository], Verdict], rest: Rest, response: httpx.Response) -> Verdict:
    try:
        return check(read(Repository, json_of(response, WHO), f"/repos/{rest.repository}"))
    except LiftgateError as error:
        return failed(str(error))


def _not_ours(rest: Rest, response: httpx.Response) -> str:
    """A sentence that names the product that answers instead; empty for GitHub, which marks all of its answers."""
    if "x-github-media-type" in response.headers or "x-github-request-id" in response.headers:
        return ""
    host = urlsplit(rest.base)
    for product, path in _OTHERS.items():
        try:
            with client(f"{host.scheme}://{host.netloc}", {}) as http:
                answer = send(http, WHO, "GET", path)
        except LiftgateError:
            continue
        if "json" in answer.headers.get("content-type", "") and answer.status_code in (200, 401, 403):
            return f"{product} answers at {rest.base}, not GitHub; look at LIFTGATE_FORGE__KIND"
    return f"what answers at {rest.base} is not GitHub; look at LIFTGATE_FORGE__KIND and LIFTGATE_FORGE__URL"


def _token(rest: Rest, response: httpx.Response) -> Verdict:
    if response.status_code == 401:
        return failed("GitHub does not accept the token; look at LIFTGATE_FORGE__TOKEN or LIFTGATE_REPOSITORY__TOKEN")
    if scopes := response.headers.get("x-oauth-scopes", "").strip():
        return not_configured(
            f"a classic token ({scopes}), which is good for all repositories of its owner; use a fine-grained token "
            f"for {rest.repository}, or a GitHub App"
        )
    if until := _expiry(response.headers.get(_EXPIRES, "")):
        day = f"{until:%Y-%m-%d}"
        if until - datetime.now(UTC) < _SOON:
            return not_configured(f"accepted, but it ends on {day}: make a new one")
        return passed(f"accepted until {day}")
    return passed("accepted")


def _expiry(text: str) -> datetime | None:
    """As GitHub writes it: `2026-12-01 09:00:00 UTC`, or with an offset; without one it is UTC too."""
    try:
        until = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None
    return until if until.tzinfo else until.replace(tzinfo=UTC)


def _repository(rest: Rest, repository: Repository) -> Verdict:
    if repository.archived or repository.disabled:
        return failed(f"{repository.full_name} is {'archived' if repository.archived else 'disabled'}: it is read-only")
    if rest.was != repository.full_name:
        return not_configured(
            f"{rest.was} is called {repository.full_name} now; change LIFTGATE_REPOSITORY__URL and, if it is set, "
            "LIFTGATE_FORGE__REPOSITORY"
        )
    return passed(repository.full_name)


def _push(rest: Rest, base: str, repository: Repository) -> Verdict:
    """Of the account, and of rules. A token may have fewer rights: git itself is asked about that elsewhere."""
    if repository.permissions is not None and not repository.permissions.get("push"):
        return failed(f"the token's account may not push to {repository.full_name}: give it the role Write")
    against = [
        f"{rule.type} of {branch}"
        for branch, kinds in OURS.items()
        for rule in rules_of(rest, branch)
        if rule.type in kinds and not can_bypass(rest, [rule])
    ]
    if against:
        return failed(f"rules forbid Liftgate's own branches: {', '.join(against)}; leave liftgate/* out of them")
    closed = [rule.type for rule in rules_of(rest, base) if rule.type in PUSHED and not can_bypass(rest, [rule])]
    if closed:
        return not_configured(
            f"liftgate/* may be pushed to; {base} only by pull request ({', '.join(dict.fromkeys(closed))}): "
            f'environments with deliver "push", and rollbacks, need a bypass for the worker'
        )
    return passed(f"{base} and liftgate/* may be pushed to")


def _merge(rest: Rest, base: str, repository: Repository) -> Verdict:
    problem = method_problem(rest, repository.allow_merge_commit) or merge_problem(rest, base, rules_of(rest, base))
    return failed(problem) if problem else passed("merge commits are allowed")
