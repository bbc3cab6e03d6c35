"""Measures rules on the past: how many promotions that people made would they have made in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.adoption.past import Promotion
from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.planning.merge import merge
from liftgate.domain.planning.rules import Rules
from liftgate.errors import LiftgateError


class Measured(Value):
    """`reproduced` of `promotions` that the rules were not learned from."""

    promotions: int
    reproduced: int


def measure(promotions: Iterable[Promotion], rules: Rules) -> Measured:
    made = [is_reproduced(each, rules) for each in promotions]
    return Measured(promotions=len(made), reproduced=sum(made))


def is_reproduced(promotion: Promotion, rules: Rules) -> bool:
    """Whether a release of the upstream environment, then or shortly before, gives exactly the values of the commit."""
    return any(_is_result(source, promotion, rules) for source in promotion.sources)


def _is_result(source: Json, promotion: Promotion, rules: Rules) -> bool:
    try:
        merged = merge(base=promotion.base, release=source, target=promotion.before, rules=rules)
        return not merged.conflicts and same(apply_to_value(promotion.before, merged.edits), promotion.after)
    except LiftgateError:
        return False
