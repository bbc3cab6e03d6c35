"""Every format is checked, and none needs a grammar that is slow to build."""

from __future__ import annotations

import subprocess
import sys

import pytest

from liftgate.domain.common.canonical import canonical
from liftgate.runtime.project import project_root
from liftgate.steps.schema_errors import problems

SCRIPT = """
import sys
from liftgate.domain.common.canonical import canonical
from liftgate.steps.schema_errors import problems
def bad(kind, value): return [each.rule for each in problems(canonical({"format": kind}), (), value)]
assert bad("uri", "not a uri") == ["format"]
assert bad("uri", "https://example.com/a") == []
assert bad("iri", "https://exämple.com/ä") == []
assert bad("iri", "not an iri") == ["format"]
assert bad("iri-reference", "//exa mple") == ["format"]
print("lark" in sys.modules)
"""


def test_no_grammar_is_built() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=project_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False"]


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
        ("idn-hostname", "exämple.com", "a..b"),
        ("uri-template", "/a/{b}", "/a/{b"),
        ("relative-json-pointer", "1/a", "/a"),
        ("date", "2026-11-24", "2026-13-24"),
        ("time", "12:00:00Z", "noon"),
        ("ipv6", "::1", "10.0.0.1"),
        ("uuid", "11111111-1111-4111-8111-111111111111", "1"),
    ],
)
def test_a_format_is_really_checked(kind: str, good: str, bad: str) -> None:
    schema = canonical({"format": kind})
    assert problems(schema, (), good) == []
    assert [each.rule for each in problems(schema, (), bad)] == ["format"]


@pytest.mark.parametrize(
    "value",
    [
        "https://exämple.com/ä?ä#ä", "https://例え.jp:8080", "urn:ä", "http://[::1]/", "http://😀.example", "a:?\ue000",
        "http://xn--exmple-cua.com/%C3%A4", "http://ada:ä@example.com", "mailto:",
    ],
)  # fmt: skip
def test_it_is_an_iri(value: str) -> None:
    assert problems(canonical({"format": "iri"}), (), value) == []
    assert problems(canonical({"format": "iri-reference"}), (), value) == []


@pytest.mark.parametrize(
    "value",
    [
        "https://exämple.com/a b", "ä://example.com", "http://example.com:ä", "http://[ä]", "a:\ue000", "a:#\ue000",
        "http://example.com/%", "http://example.com/%ä", "a:\ufdd0", "a:\U0001ffff", "a:<b>", "a:\\", "a:b\n",
        "a:b#c#d", "//[::1", ":",
    ],
)  # fmt: skip
def test_it_is_no_iri(value: str) -> None:
    assert [each.rule for each in problems(canonical({"format": "iri"}), (), value)] == ["format"]
    assert [each.rule for each in problems(canonical({"format": "iri-reference"}), (), value)] == ["format"]
