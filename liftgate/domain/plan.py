"""Making plans for releases and updates, and applying each to the file it was made for and to no other."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.canonical import same
from liftgate.domain.edit import apply_to_value
from liftgate.domain.merge import merge
from liftgate.domain.pins import Pin
from liftgate.domain.plan_secrets import with_commands
from liftgate.domain.plan_update import make_update
from liftgate.domain.plan_value import Plan, Target, document_of
from liftgate.domain.release import Release
from liftgate.domain.rules import Rules
from liftgate.domain.sops import check_editable
from liftgate.domain.strict_json import read
from liftgate.domain.text_edit import apply as apply_to_text
from liftgate.errors import Refused

__all__ = ["Plan", "Target", "apply", "make", "make_update"]


def make(
    release: Release,
    *,
    base: Release | None,
    target: Target,
    rules: Rules,
    policy_hash: str,
    pins: Sequence[Pin] = (),
) -> Plan:
    """Plan the release into the target; `base` is the release last promoted there, and pins must be active.

    Raises Refused when the target's file is not sound JSON, or is one that no edit leaves decryptable.
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
        path=target.path,
        blob=target.blob,
        edits=merged.edits,
        rows=with_commands(merged.rows, release.needs, target),
        policy_hash=policy_hash,
        first_time=base is None,
    )


def apply(plan: Plan, data: bytes, blob: str) -> bytes:
    """The file after the plan; raises Refused when it is not the file the plan was made for."""
    if blob != plan.blob:
        raise Refused(f"The plan was made for another content of {plan.path}: make a new plan.")
    if plan.is_empty:
        return data
    document = document_of(data, plan.path)
    wanted = apply_to_value(document.value, plan.edits)
    result = apply_to_text(document, plan.edits).encode()
    if not same(read(result).value, wanted):
        raise Refused(f"The edits of {plan.path} cannot be written so that they read back the same.")
    return result
