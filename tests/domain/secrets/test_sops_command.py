from __future__ import annotations

import pytest

from liftgate.domain.common.value import Json
from liftgate.domain.secrets.sops_command import set_command


@pytest.mark.parametrize(
    ("pointer", "steps"),
    [
        ("/a/b", """'["a"]["b"]'"""),
        ("/a~1b/~0", """'["a/b"]["~"]'"""),
        ("/list/1/password", """'["list"][1]["password"]'"""),
        ("/it's", """'["it'"'"'s"]'"""),
        ("/café", """'["café"]'"""),
    ],
)
def test_the_command_names_the_place_as_sops_and_the_shell_read_it(pointer: str, steps: str) -> None:
    value: Json = {"list": [{}, {}]}
    assert set_command("p.json", pointer, value) == f"sops set --value-stdin p.json {steps}"


@pytest.mark.parametrize("pointer", ['/a"b', "/a\\b", "/a\nb", "/list/name=x/password", ""])
def test_a_place_sops_cannot_name_is_set_in_its_editor(pointer: str) -> None:
    assert set_command("my file.json", pointer, {"list": []}) == "sops edit 'my file.json'"
