"""For any documents in any number of files: to promote all files together is to promote each of them alone."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from liftgate.domain.planning import plan as plans
from liftgate.domain.planning import release as releases
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.plan import Ownership, Target
from liftgate.domain.planning.rules import VERSION, Rules
from liftgate.errors import Refused
from tests import one_file
from tests.domain.properties import Sides, holds, pin_sets, rule_sets, sides

Case = tuple[Sides, Rules, tuple[Pin, ...]]
CASES = st.lists(st.tuples(sides(), rule_sets(), pin_sets()), min_size=1, max_size=4)


def data_of(case: Case) -> bytes:
    return json.dumps(case[0][2]).encode()


def alone(name: str, case: Case) -> tuple[list[object], bytes] | None:
    """Rows and content; None where it is refused."""
    (base, release, _), rules, pins = case
    old = None if base is None else one_file.fix("shop", "a", name, base, rules)
    target = Target(environment="prod", path=name, blob="b", data=data_of(case))
    try:
        new = one_file.fix("shop", "b", name, release, rules)
        plan = one_file.make_plan(new, base=old, target=target, rules=rules, policy_hash="", pins=pins)
        return [*plan.rows], one_file.apply_plan(plan, data_of(case), "b")
    except Refused:
        return None


@holds(CASES, quick=30)
def test_several_files_are_promoted_as_each_alone(cases: list[Case]) -> None:
    named = {f"{number}.json": case for number, case in enumerate(cases)}
    each = [alone(name, case) for name, case in named.items()]
    targets = [Target(environment="prod", file=it, path=it, blob="b", data=data_of(named[it])) for it in named]
    old = [releases.fix_file(name, name, it[0][0], it[1]) for name, it in named.items() if it[0][0] is not None]
    new = [releases.fix_file(name, name, it[0][1], it[1]) for name, it in named.items()]
    try:
        plan = plans.make_plan(
            releases.fix("shop", "b", new, VERSION),
            base=releases.fix("shop", "a", old, VERSION),
            targets=targets,
            owners=lambda file: Ownership(*named[file][1:]),
            policy_hash="",
        )
        after = [plans.apply_plan(file, data_of(named[file.file]), "b") for file in plan.files]
    except Refused:
        assert None in each
        return
    assert None not in each
    assert [row.copy_with(file="") for row in plan.rows] == [row for found in each if found for row in found[0]]
    assert after == [found[1] for found in each if found]
