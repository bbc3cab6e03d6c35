"""Makes plans for releases and updates, and applies each plan only to the file it was made for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from liftgate.domain.common.canonical import same
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.json_text.text_edit import apply_edits as apply_to_text
from liftgate.domain.planning.merge import merge
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.plan_secrets import with_commands
from liftgate.domain.planning.plan_update import make_update
from liftgate.domain.planning.plan_value import FilePlan, Plan, Target, document_of
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.row import Row, named
from liftgate.domain.planning.rules import Rules
from liftgate.domain.secrets.sops import check_editable
from liftgate.errors import Refused

__all__ = ["FilePlan", "Ownership", "Plan", "Target", "apply_plan", "make_plan", "make_update"]


@dataclass(frozen=True)
class Ownership:
    """Who owns the values of one file: its rules, and the pins that are active."""

    rules: Rules
    pins: Sequence[Pin] = ()


def make_plan(
    release: Release,
    *,
    base: Release | None,
    targets: Sequence[Target],
    owners: Callable[[str], Ownership],
    policy_hash: str,
) -> Plan:
    """Plan the release into the targets, which are the environment's files and those that only the release has; `base`
    is the release last promoted there, and `owners` gives the ownership of a file by its name.

    Each file is merged by itself. A file that only the environment has stays as it is. Raises Refused if a target's
    file is not valid JSON, or if any edit would make it undecryptable.
    """
    merged = [_file_plan(release, base, target, owners(target.file)) for target in targets]
    return Plan(
        application=release.application,
        environment=targets[0].environment,
        release_id=release.id,
        version=release.version,
        source=release.source,
        source_paths=release.paths,
        files=tuple(each for each, _ in merged if each.blob or each.edits or not each.file),
        rows=tuple(row for _, rows in merged for row in rows),
        policy_hash=policy_hash,
        first_time=base is None,
    )


def _file_plan(
    release: Release, base: Release | None, target: Target, owners: Ownership
) -> tuple[FilePlan, tuple[Row, ...]]:
    new, old = release.of(target.file), base.of(target.file) if base else None
    same_file = FilePlan(file=target.file, path=target.path, blob=target.blob)
    if new is None:
        said = _GONE if old else _ONLY_HERE
        return same_file, (Row(pointer="", file=target.file, kind="obsolete" if old else "kept", sentence=said),)
    merged = merge(
        base=old.content if old else None,
        release=new.content,
        target=target.document.value,
        rules=owners.rules,
        pins=owners.pins,
        needs=new.needs,
        base_needs=old.needs if old else (),
    )
    if merged.edits:
        check_editable(target.document.value, target.path)
    rows = with_commands(merged.rows, new.needs, target)
    return same_file.copy_with(edits=merged.edits), named(rows, target.file)


def apply_plan(plan: FilePlan, data: bytes, blob: str) -> bytes:
    """The file after the plan; raises Refused if it is not the file the plan was made for."""
    if blob != plan.blob:
        raise Refused(f"{plan.path} has changed since the plan was made: make a new plan.")
    if not plan.edits:
        return data
    document = document_of(data, plan.path)
    wanted = apply_to_value(document.value, plan.edits)
    result = apply_to_text(document, plan.edits).encode()
    if not same(read_json(result).value, wanted):
        raise Refused(f"The edits of {plan.path} cannot be written: the file would read back differently.")
    return result


_GONE: Final = "the release no longer has this file; it stays here until a person removes it"
_ONLY_HERE: Final = "only this environment has this file"
