"""Releases and plans of an application with one values file, for tests of what is true of each file."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.common.value import Json
from liftgate.domain.planning import plan as plans
from liftgate.domain.planning import release as releases
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.plan import Ownership, Plan, Target
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.rules import Rules


def fix(application: str, source: str, path: str, values: Json, rules: Rules) -> Release:
    return releases.fix(application, source, [releases.fix_file("", path, values, rules)], rules.version_pointer)


def make_plan(
    release: Release,
    *,
    base: Release | None,
    target: Target,
    rules: Rules,
    policy_hash: str,
    pins: Sequence[Pin] = (),
) -> Plan:
    owners = Ownership(rules, pins)
    return plans.make_plan(release, base=base, targets=[target], owners=lambda _: owners, policy_hash=policy_hash)


def apply_plan(plan: Plan, data: bytes, blob: str) -> bytes:
    (file,) = plan.files
    return plans.apply_plan(file, data, blob)
