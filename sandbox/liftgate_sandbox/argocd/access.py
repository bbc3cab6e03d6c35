"""Who may do what: the admin, accounts, and the roles of projects with their tokens."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from functools import lru_cache

from liftgate_sandbox.argocd.kube import Object, stamp
from liftgate_sandbox.argocd.state import State


@dataclass(frozen=True)
class Caller:
    """Who calls, by the claims of the token."""

    username: str
    claims_id: str
    issued_at: int

    @property
    def described(self) -> str:
        """How a refusal names the caller."""
        return f"sub: {self.username}, iat: {stamp(self.issued_at)}"


def caller_of(claims: Object) -> Caller:
    """`proj:promo:promoter` stays, `admin:login` and `bot:apiKey` lose what follows the name."""
    subject = str(claims["sub"])
    username = subject if subject.startswith("proj:") else subject.partition(":")[0]
    return Caller(username, str(claims.get("jti", "")), int(claims["iat"]))


def is_allowed(state: State, caller: Caller, resource: str, action: str, name: str) -> bool:
    """Whether a policy of the caller allows `action` on `resource` `name` (`project/application`)."""
    if caller.username == "admin":
        return True
    verdicts = [
        policy[4]
        for policy in _policies(state, caller)
        if all(fnmatch.fnmatchcase(*pair) for pair in zip((resource, action, name), policy[1:4], strict=True))
    ]
    return bool(verdicts) and "deny" not in verdicts


def _policies(state: State, caller: Caller) -> list[tuple[str, ...]]:
    if not caller.username.startswith("proj:"):
        lines = state.accounts.get(caller.username, {}).get("policies", [])
    else:
        _, project, name = caller.username.split(":")
        role = role_of(state, project, name) or {}
        known = any(one["id"] == caller.claims_id for one in role.get("jwtTokens") or [])
        lines = role.get("policies") or [] if known else []
    return [_policy(line) for line in lines if line.startswith("p,")]


@lru_cache
def _policy(line: str) -> tuple[str, ...]:
    """What follows the `p`."""
    return tuple(part.strip() for part in line.split(","))[1:]


def role_of(state: State, project: str, name: str) -> Object | None:
    """The role of a project, in place."""
    roles = state.projects.get(project, {"spec": {}})["spec"].get("roles") or []
    return next((role for role in roles if role["name"] == name), None)
