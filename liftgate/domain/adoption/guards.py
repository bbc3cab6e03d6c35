"""The policy that an adoption proposes: people approve what goes into production, from the first day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from liftgate.domain.adoption.environment_names import is_production
from liftgate.domain.adoption.layout import Environment


def guarded_names(environments: Sequence[Environment]) -> tuple[str, ...]:
    """Those that are production by their names, and the last one, also with another name."""
    return tuple(each.name for each in environments if is_production(each.rank) or each is environments[-1])


def side_by_side(environments: Sequence[Environment]) -> tuple[str, ...]:
    """Several guarded ones that follow the same environment; empty if there are none."""
    names = guarded_names(environments)
    return names if len(names) > 1 and environments[0].name not in names else ()


def policy_for(environments: Sequence[Environment]) -> dict[str, dict[str, Any]]:
    """The block `policy`: each guarded environment needs an approval, and follows the last one before production.

    Who approves is not in the repository, so it is anyone who is proven and did not request or write the change.
    """
    guarded = guarded_names(environments)
    found: dict[str, dict[str, Any]] = {}
    before = ""
    for each in environments:
        if each.name in guarded:
            found[each.name] = ({"after": [before]} if before else {}) | {"approvals": {"needed": 1}}
        else:
            before = each.name
    return found
