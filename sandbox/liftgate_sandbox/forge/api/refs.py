"""Git references: read, create, move, delete."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, not_found
from liftgate_sandbox.forge.following import follow
from liftgate_sandbox.forge.git_app import push_rules
from liftgate_sandbox.forge.receipts import ZERO, Change
from liftgate_sandbox.forge.rulesets import refused_change
from liftgate_sandbox.forge.shapes import commits


def get(call: Call) -> Reply:
    name = f"refs/{call.path['ref']}"
    sha = call.bare.ref(name)
    if sha is None:
        raise not_found()
    return _ref(call, name, sha)


def matching(call: Call) -> Reply:
    """Every ref whose name begins so, whole path parts or not."""
    start = f"refs/{call.path['ref']}"
    found = [(name, sha) for name, sha in call.bare.refs("refs/") if name.startswith(start)]
    return Reply([commits.ref(call.core, call.repository, name, sha) for name, sha in found])


def create(call: Call) -> Reply:
    name, sha = call.text("ref"), call.text("sha")
    if not name.startswith("refs/heads/") and not name.startswith("refs/tags/"):
        raise ApiError(422, "Reference name must start with 'refs/heads/' or 'refs/tags/'.")
    if call.bare.call("check-ref-format", name).returncode:
        raise ApiError(422, f"{name} is not a valid ref name.")
    if call.bare.resolve(sha) != sha:
        raise ApiError(422, "Object does not exist")
    _refuse_by_rulesets(call, Change(name, ZERO, sha))
    if not call.bare.update_ref(name, sha, ZERO):
        raise ApiError(422, "Reference already exists")
    _follow(call, Change(name, ZERO, sha))
    return _ref(call, name, sha, 201)


def update(call: Call) -> Reply:
    name, sha = f"refs/{call.path['ref']}", call.text("sha")
    old = call.bare.ref(name)
    if old is None:
        raise ApiError(422, "Reference does not exist")
    if call.bare.resolve(sha) != sha:
        raise ApiError(422, "Object does not exist")
    _refuse_protected(call, name)
    _refuse_by_rulesets(call, Change(name, old, sha))
    if call.body.get("force") is not True and not call.bare.is_ancestor(old, sha):
        raise ApiError(422, "Update is not a fast forward")
    if not call.bare.update_ref(name, sha, old):
        raise ApiError(409, "Reference cannot be updated")
    _follow(call, Change(name, old, sha))
    return _ref(call, name, sha)


def delete(call: Call) -> Reply:
    name = f"refs/{call.path['ref']}"
    old = call.bare.ref(name)
    if old is None or not name.startswith(("refs/heads/", "refs/tags/")):
        raise ApiError(422, "Reference does not exist")
    if name.removeprefix("refs/heads/") in call.repository.protections:
        raise ApiError(422, "Cannot delete a protected branch")
    _refuse_by_rulesets(call, Change(name, old, ZERO))
    call.bare.delete_ref(name)
    _follow(call, Change(name, old, ZERO))
    return Reply(status=204)


def _refuse_protected(call: Call, name: str) -> None:
    rules = push_rules(call.repository, call.user)
    if name in rules["FORGE_REVIEWED_REFS"].split():
        raise ApiError(422, "Changes must be made through a pull request.")
    if call.body.get("force") is True and name in rules["FORGE_PROTECTED_REFS"].split():
        raise ApiError(422, "Cannot force-push to this branch")


def _refuse_by_rulesets(call: Call, change: Change) -> None:
    force = call.body.get("force") is True
    if broken := refused_change(call.core, call.repository, call.user, change, force=force):
        raise ApiError(422, "\n".join(["Repository rule violations found\n", *broken]))


def _follow(call: Call, change: Change) -> None:
    follow(call.core, call.repository, call.user, [change])


def _ref(call: Call, name: str, sha: str, status: int = 200) -> Reply:
    body: dict[str, Any] = commits.ref(call.core, call.repository, name, sha)
    return Reply(body, status)
