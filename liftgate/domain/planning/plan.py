"""Makes plans for releases and updates, and applies each plan only to the file it was made for."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.common.canonical import same
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.json_text.text_edit import apply_edits as apply_to_text
from liftgate.domain.planning.merge import merge
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.plan_secrets import with_commands
from liftgate.domain.planning.plan_update import make_update
from liftgate.domain.planning.plan_value import Plan, Target, document_of
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.sops import check_editable
from liftgate.errors import Refused

__all__ = ["Plan", "Target", "apply_plan", "make_plan", "make_update"]


def make_plan(
    release: Release,
    *,
    base: Release | None,
    target: Target,
    rules: Rules,
    policy_hash: str,
    pins: Sequence[Pin] = (),
) -> Plan:
    """Plan the release into the target; `base` is the release last promoted there, and pins must be active.

    Raises Refused if the target's file is not valid JSON, or if any edit would make it undecryptable.
    """
    merged = merge(
        base=base.content if base else None,
        release=release.content,
        target=target.document.value,
        rules=rules,
        pins=pins,
        needs=release.needs,
        base_needs=base.needs if base else (),
    )
    if merged.edits:
        check_editable(target.document.value, target.path)
    return Plan(
        application=release.application,
        environment=target.environment,
        release_id=release.id,
        version=release.version,
        source=release.source,
        source_path=release.path,
        path=target.path,
        blob=target.blob,
        edits=merged.edits,
        rows=with_commands(merged.rows, release.needs, target),
        policy_hash=policy_hash,
        first_time=base is None,
    )


def apply_plan(plan: Plan, data: bytes, blob: str) -> bytes:
    """The file after the plan; raises Refused if it is not the file the plan was made for."""
    if blob != plan.blob:
        raise Refused(f"{plan.path} has changed since the plan was made: make a new plan.")
    if plan.is_empty:
        return data
    document = document_of(data, plan.path)
    wanted = apply_to_value(document.value, plan.edits)
    result = apply_to_text(document, plan.edits).encode()
    if not same(read_json(result).value, wanted):
        raise Refused(f"The edits of {plan.path} cannot be written: the file would read back differently.")
    return result
