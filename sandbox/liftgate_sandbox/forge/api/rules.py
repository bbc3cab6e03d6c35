"""The rules that hold for a branch, and the rulesets that they are of."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from liftgate_sandbox.forge.api.call import Call, Reply, not_found
from liftgate_sandbox.forge.model import Protection, Rule
from liftgate_sandbox.forge.rulesets import of_branch as rulesets_of


def of_branch(call: Call) -> Reply:
    """Readable with read access, whether the branch exists or not. Each protection is a ruleset of its own."""
    found = [
        (number, each)
        for number, (pattern, rules) in enumerate(call.repository.protections.items(), 1)
        if fnmatchcase(call.path["branch"], pattern) and not rules.classic
        for each in _shapes(rules)
    ]
    rulesets = rulesets_of(call.repository, call.path["branch"])
    found += [(each.id, shape(rule)) for each in rulesets for rule in each.rules]
    source = {"ruleset_source_type": "Repository", "ruleset_source": call.repository.full_name}
    return Reply([each | source | {"ruleset_id": number} for number, each in found])


def shape(rule: Rule) -> dict[str, Any]:
    return {"type": rule.type} | ({"parameters": rule.parameters} if rule.parameters else {})


def get_ruleset(call: Call) -> Reply:
    """What every reader is told: whether they themselves may pass by."""
    listed = list(call.repository.protections.items())
    if not 1 <= call.number() <= len(listed):
        raise not_found()
    pattern, rules = listed[call.number() - 1]
    return Reply(
        {
            "id": call.number(),
            "name": pattern,
            "target": "branch",
            "source_type": "Repository",
            "source": call.repository.full_name,
            "enforcement": "active",
            "current_user_can_bypass": "always" if call.user.login in rules.may_push else "never",
        }
    )


def _shapes(rules: Protection) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = [{"type": "deletion"}, {"type": "non_fast_forward"}]
    if rules.locked:
        shapes += [{"type": "creation"}, {"type": "update"}]
    if rules.merge_queue:
        shapes.append({"type": "merge_queue", "parameters": {"merge_method": "MERGE", "grouping_strategy": "ALLGREEN"}})
    if rules.approvals:
        shapes.append({"type": "pull_request", "parameters": _pull_request_rule(rules)})
    if rules.contexts:
        required = [{"context": context} for context in rules.contexts]
        parameters = {
            "strict_required_status_checks_policy": rules.strict,
            "required_status_checks": required,
        }
        shapes.append({"type": "required_status_checks", "parameters": parameters})
    return shapes


def _pull_request_rule(rules: Protection) -> dict[str, Any]:
    return {
        "required_approving_review_count": rules.approvals,
        "dismiss_stale_reviews_on_push": rules.dismiss_stale,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": ["merge", "squash", "rebase"],
    }
