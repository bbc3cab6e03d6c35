from __future__ import annotations

import json

import pytest

from liftgate.domain.planning.plan_secrets import with_commands
from liftgate.domain.planning.plan_value import Target
from liftgate.domain.planning.release import Need
from liftgate.domain.planning.row import Row
from tests.domain.sops_files import PATH, values

AT = "/application/token"
ROW = Row(pointer=AT, kind="needs-value", sentence="as the merge says")


def explained(data: bytes, *, reference: bool = False) -> Row:
    need = Need(pointer=AT, owner="secret", reference=reference)
    target = Target(environment="prod", path=PATH, blob="b", data=data)
    return with_commands((ROW,), (need,), target)[0]


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (json.dumps(values()).encode(), f"""sops set --value-stdin {PATH} '["application"]["token"]'"""),
        (b"{}", f"sops encrypt --in-place {PATH}"),
        (b"", f"sops edit {PATH}"),
    ],
)
def test_the_command_fits_the_file_as_it_is(data: bytes, command: str) -> None:
    row = explained(data)
    assert row.command == command
    assert row.sentence.startswith("prod must define its own; secrets are never copied.")


def test_a_reference_needs_no_key() -> None:
    row = explained(b"{}", reference=True)
    assert row.command == ""
    assert row.sentence.endswith(f"in {PATH}: vault:MOUNT/data/PATH#KEY")


def test_other_rows_are_as_they_were() -> None:
    others = (ROW.copy_with(kind="kept"), ROW.copy_with(pointer="/other"))
    need = Need(pointer=AT, owner="secret")
    assert with_commands(others, (need,), Target(environment="prod", path=PATH)) == others
