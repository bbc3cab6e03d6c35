"""Signing in, and what a token may do."""

from __future__ import annotations

from liftgate_sandbox.argocd.access import is_allowed, role_of
from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import DENIED, INVALID, NOT_FOUND, UNAUTHENTICATED, ApiError
from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.tokens import issue

_DAY = 86400


@locked
def login(call: Call) -> Object:
    """`POST /session`."""
    account = call.state.accounts.get(str(call.body.get("username", "")), {})
    if not account.get("password") or account["password"] != call.body.get("password"):
        raise ApiError(UNAUTHENTICATED, "Invalid username or password")
    subject = f"{call.body['username']}:login"
    return {"token": issue(call.state.key, subject, call.state.clock(), _DAY)[0]}


def user_info(call: Call) -> Object:
    """`GET /session/userinfo`."""
    return {"loggedIn": True, "username": call.caller.username, "iss": "argocd"}


def can_i(call: Call) -> Object:
    """`GET /account/can-i/{resource}/{action}/{subresource}`."""
    about = call.request.path_params
    allowed = is_allowed(call.state, call.caller, about["resource"], about["action"], about["subresource"])
    return {"value": "yes" if allowed else "no"}


@locked
def create_role_token(call: Call) -> Object:
    """`POST /projects/{name}/roles/{role}/token`."""
    if not is_allowed(call.state, call.caller, "projects", "update", call.name):
        raise ApiError(DENIED, f"permission denied: projects, update, {call.name}, {call.caller.described}")
    role = str(call.request.path_params["role"])
    expires_in, token_id = int(call.body.get("expiresIn", 0)), str(call.body.get("id", ""))
    return {"token": role_token(call.state, call.name, role, expires_in, token_id)}


@locked
def create_account_token(call: Call) -> Object:
    """`POST /account/{name}/token`."""
    if not is_allowed(call.state, call.caller, "accounts", "update", call.name):
        raise ApiError(DENIED, f"permission denied: accounts, update, {call.name}, {call.caller.described}")
    if call.name not in call.state.accounts:
        raise ApiError(NOT_FOUND, f"account '{call.name}' does not exist")
    subject, now = f"{call.name}:apiKey", call.state.clock()
    return {"token": issue(call.state.key, subject, now, int(call.body.get("expiresIn", 0)))[0]}


def role_token(state: State, project: str, role: str, expires_in: int = 0, token_id: str = "") -> str:
    """A token of a project role, recorded in the project; ApiError for an unknown project or role."""
    found = role_of(state, project, role)
    if found is None:
        raise ApiError(INVALID, f"project '{project}' does not have role '{role}'")
    token, claims = issue(state.key, f"proj:{project}:{role}", state.clock(), expires_in, token_id)
    entry = {"iat": claims["iat"], "id": claims["jti"]} | ({"exp": claims["exp"]} if expires_in else {})
    found["jwtTokens"] = [entry, *(found.get("jwtTokens") or [])]
    status = state.projects[project].setdefault("status", {}).setdefault("jwtTokensByRole", {})
    status[role] = {"items": found["jwtTokens"]}
    state.projects[project]["metadata"]["resourceVersion"] = state.next_version()
    return token
