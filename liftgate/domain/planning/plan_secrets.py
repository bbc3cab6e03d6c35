"""What a plan says about secrets that a target lacks: they are never copied, so people must act."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.planning.plan_value import Target
from liftgate.domain.planning.release import Need
from liftgate.domain.planning.row import Row
from liftgate.domain.secrets.sops_command import edit_command, encrypt_command, set_command
from liftgate.domain.secrets.sops_metadata import block_of


def with_commands(rows: Iterable[Row], needs: Iterable[Need], target: Target) -> tuple[Row, ...]:
    """The same rows; those that need a secret get a sentence and the exact command for the target's file."""
    secrets = {need.pointer: need for need in needs if need.owner == "secret"}
    return tuple(
        _explained(row, secrets[row.pointer], target) if row.kind == "needs-value" and row.pointer in secrets else row
        for row in rows
    )


def _explained(row: Row, need: Need, target: Target) -> Row:
    own = f"{target.environment} must define its own; secrets are never copied."
    if need.reference:
        how = f"Write a reference to its secret store at this place in {target.path}: vault:MOUNT/data/PATH#KEY"
        return row.copy_with(sentence=f"{own} {how}")
    if block_of(target.document.value) is not None:
        how, command = "A person with its key runs:", set_command(target.path, row.pointer, target.document.value)
    elif target.data:
        how, command = "Write it into the file, and run this before the commit:", encrypt_command(target.path)
    else:
        how, command = "A person with its key runs:", edit_command(target.path)
    return row.copy_with(sentence=f"{own} {how}", command=command)
