from __future__ import annotations

import pytest

from liftgate.errors import Misconfigured
from liftgate.integrations.git.sops_yaml import read_sops_yaml


def test_yaml_is_read_as_people_write_it() -> None:
    config = read_sops_yaml(
        b"creation_rules:\n  - path_regex: prod\n    age: >-\n      age1a,\n      age1b\n    mac_only_encrypted: true\n"
    )
    assert {each.identity for each in config.rules[0].recipients} == {"age1a", "age1b"}
    assert config.rules[0].selection.mac_only_encrypted


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"creation_rules: [", r"\.sops\.yaml:1:\d+: "),
        (b"!!python/object/apply:os.system [echo]", "could not determine a constructor"),
        (b"\x00", "no YAML"),
        (b"[" * 1000, "no YAML"),
        (b" " * 300_000, "larger than 256 KiB"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_in_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        read_sops_yaml(data)
