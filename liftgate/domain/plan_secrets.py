"""What a plan says about secrets that a target lacks: never a copy, but what its own people must do."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.plan_value import Target
from liftgate.domain.release import Need
from liftgate.domain.row import Row
from liftgate.domain.sops_command import edit_command, encrypt_command, set_command
from liftgate.domain.sops_metadata import block_of


def with_commands(rows: Iterable[Row], needs: Iterable[Need], target: Target) -> tuple[Row, ...]:
    """The rows again, those that need a secret with a sentence and the exact command for the target's file."""
    secrets = {need.pointer: need for need in needs if need.owner == "secret"}
    return tuple(
        _explained(row, secrets[row.pointer], target) if row.kind == "needs-value" and row.pointer in secrets else row
        for row in rows
    )


def _explained(row: Row, need: Need, target: Target) -> Row:
    own = f"{target.environment} must define its own; secrets are never copied."
    if need.reference:
        how = f"Write a reference to its secret store at this place in {target.path}: vault:MOUNT/data/PATH#KEY"
        return row.model_copy(update={"sentence": f"{own} {how}"})
    if block_of(target.document.value) is not None:
        how, command = "Whoever holds its key runs:", set_command(target.path, row.pointer, target.document.value)
    elif target.data:
        how, command = "Write it into the file, and before it is committed run:", encrypt_command(target.path)
    else:
        how, command = "Whoever holds its key runs:", edit_command(target.path)
    return row.model_copy(update={"sentence": f"{own} {how}", "command": command})
