"""Rulesets of a repository: list, read, make, change, delete; and what is wrong in CODEOWNERS."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge import code_owners
from liftgate_sandbox.forge.api import rules
from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, invalid, not_found
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.model import BypassActor, Rule, Ruleset
from liftgate_sandbox.forge.rulesets import passes
from liftgate_sandbox.forge.shapes import people

REVIEWS = (
    "dismiss_stale_reviews_on_push",
    "require_code_owner_review",
    "require_last_push_approval",
    "required_approving_review_count",
    "required_review_thread_resolution",
)
PARAMETERS = {
    "creation": (),
    "update": ("update_allows_fetch_and_merge",),
    "deletion": (),
    "non_fast_forward": (),
    "required_linear_history": (),
    "required_signatures": (),
    "pull_request": REVIEWS,
    "required_status_checks": ("required_status_checks", "strict_required_status_checks_policy"),
}
"""The types of rules that are known here, and the parameters that each must have."""
ACTORS = ("User", "Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey")


def list_all(call: Call) -> Reply:
    return Reply([_short(call, each) for each in call.repository.rulesets])


def get(call: Call) -> Reply:
    """Whom it does not stop is told only to those who may change it."""
    found = [each for each in call.repository.rulesets if each.id == call.number()]
    return Reply(_full(call, found[0])) if found else rules.get_ruleset(call)


def create(call: Call) -> Reply:
    made = _read(call, Ruleset(id=call.core.store.next_id() + 1000, name=call.text("name"), created_at=now()))
    call.core.store.edit(call.repository.full_name, rulesets=(*call.repository.rulesets, made))
    return Reply(_full(call, made), 201)


def update(call: Call) -> Reply:
    """What the body leaves out stays as it is."""
    found = [each for each in call.repository.rulesets if each.id == call.number()]
    if not found:
        raise not_found()
    changed = _read(call, found[0])
    all_of_them = tuple(changed if each.id == changed.id else each for each in call.repository.rulesets)
    call.core.store.edit(call.repository.full_name, rulesets=all_of_them)
    return Reply(_full(call, changed))


def delete(call: Call) -> Reply:
    kept = tuple(each for each in call.repository.rulesets if each.id != call.number())
    if len(kept) == len(call.repository.rulesets):
        raise not_found()
    call.core.store.edit(call.repository.full_name, rulesets=kept)
    return Reply(status=204)


def _read(call: Call, before: Ruleset) -> Ruleset:
    name = call.text("name", before.name)
    if any(each.name == name and each.id != before.id for each in call.repository.rulesets):
        raise ApiError(422, "Validation Failed", ["Name must be unique"])
    enforcement = call.text("enforcement", before.enforcement)
    if enforcement not in ("active", "disabled", "evaluate"):
        raise invalid("Ruleset", field="enforcement", code="invalid")
    names = call.body.get("conditions", {}).get("ref_name", {})
    actors = call.body.get("bypass_actors")
    given = call.body.get("rules")
    return Ruleset(
        id=before.id,
        name=name,
        enforcement=enforcement,
        created_at=before.created_at,
        include=tuple(names.get("include", before.include)),
        exclude=tuple(names.get("exclude", before.exclude)),
        bypass_actors=before.bypass_actors if actors is None else tuple(_actor(call, each) for each in actors),
        rules=before.rules if given is None else tuple(map(_rule, given)),
    )


def _actor(call: Call, actor: dict[str, Any]) -> BypassActor:
    kind, number = actor.get("actor_type"), actor.get("actor_id")
    store = call.core.store
    known = {
        "User": {each.id for each in store.users()},
        "Team": {each.id for each in store.teams()},
        "Integration": {app.id for app in call.core.apps.values()},
    }
    if kind not in ACTORS or (kind in known and number not in known[kind]):
        raise ApiError(422, "Validation Failed", ["Actor must be part of the ruleset source or owner organization"])
    return BypassActor(actor_type=kind, actor_id=number, bypass_mode=actor.get("bypass_mode", "always"))


def _rule(rule: dict[str, Any]) -> Rule:
    kind, parameters = rule.get("type"), rule.get("parameters", {})
    if kind not in PARAMETERS:
        raise ApiError(422, "Validation Failed", [f"Invalid rule '{kind}': "])
    if missing := [name for name in PARAMETERS[kind] if name not in parameters]:
        raise ApiError(422, "Validation Failed", [f"Invalid rule '{kind}': missing {', '.join(missing)}"])
    return Rule(type=kind, parameters=parameters)


def _short(call: Call, this: Ruleset) -> dict[str, Any]:
    url = f"{people.api(call.core, call.repository)}/rulesets/{this.id}"
    page = f"{people.html(call.core, call.repository)}/rules/{this.id}"
    return {
        "id": this.id,
        "name": this.name,
        "target": "branch",
        "source_type": "Repository",
        "source": call.repository.full_name,
        "enforcement": this.enforcement,
        "node_id": people.node_id("RepositoryRuleset", this.id),
        "_links": {"self": {"href": url}, "html": {"href": page}},
        "created_at": this.created_at,
        "updated_at": this.created_at,
    }


def _full(call: Call, this: Ruleset) -> dict[str, Any]:
    actors = {"bypass_actors": [each.model_dump() for each in this.bypass_actors]} if call.user.may("admin") else {}
    return {
        **_short(call, this),
        **actors,
        "conditions": {"ref_name": {"include": list(this.include), "exclude": list(this.exclude)}},
        "rules": [rules.shape(each) for each in this.rules],
        "current_user_can_bypass": "always" if passes(call.core, this, call.user) else "never",
    }


def owner_errors(call: Call) -> Reply:
    """Lines with owners that may not write count for nothing."""
    found = code_owners.lines(call.bare, call.query.get("ref") or call.repository.default_branch)
    if not found:
        raise not_found()
    wrong = [
        {
            "line": line.number,
            "column": line.text.index(owner) + 1,
            "kind": "Unknown owner",
            "source": line.text,
            "suggestion": f"make sure {owner} exists and has write access to the repository",
            "message": f"Unknown owner on line {line.number}: make sure {owner} exists and has write access to the "
            f"repository\n\n  {line.text}\n",
            "path": line.path,
        }
        for line in found
        for owner in line.owners
        if "/" not in owner and not code_owners.may_own(call.core, owner)
    ]
    return Reply({"errors": wrong})
