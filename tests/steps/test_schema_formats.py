"""Every format is checked, and the grammar of IRIs is built only for those who ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from liftgate.domain.canonical import canonical
from liftgate.runtime.project import project_root
from liftgate.steps.schema_errors import problems

SCRIPT = """
import sys
from liftgate.domain.canonical import canonical
from liftgate.steps.schema_errors import problems
def bad(kind, value): return [each.rule for each in problems(canonical({"format": kind}), (), value)]
assert bad("uri", "not a uri") == ["format"]
assert bad("uri", "https://example.com/a") == []
print("lark" in sys.modules)
assert bad("iri", "https://exämple.com/ä") == []
assert bad("iri", "not an iri") == ["format"]
assert bad("iri-reference", "//exa mple") == ["format"]
print("lark" in sys.modules)
"""


def test_the_grammar_is_built_at_the_first_iri() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=project_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("uri", "https://example.com/a?b#c", "//no scheme"),
        ("uri-reference", "/a/b", "a b"),
        ("iri", "https://exämple.com", "exämple com"),
        ("iri-reference", "/ä", "ä b"),
        ("email", "ada@example.com", "ada"),
        ("hostname", "example.com", "-example"),
        ("date-time", "2026-11-24T12:00:00Z", "yesterday"),
        ("duration", "PT5M", "5 minutes"),
        ("ipv4", "10.0.0.1", "10.0.0.300"),
        ("json-pointer", "/a/b", "a"),
        ("regex", "^a$", "("),
        ("uuid", "11111111-1111-4111-8111-111111111111", "1"),
    ],
)
def test_a_format_is_really_checked(kind: str, good: str, bad: str) -> None:
    schema = canonical({"format": kind})
    assert problems(schema, (), good) == []
    assert [each.rule for each in problems(schema, (), bad)] == ["format"]
