"""Findings for CI systems: no text of a file can leave its field."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.common.verdict import Finding
from liftgate.domain.hand_changes.reports import code_quality, github_annotations

texts = some.text(alphabet=some.sampled_from("ab:,%\r\n=;\\é 0AD25"), max_size=20)
findings = some.builds(
    Finding, place=some.builds("{}:{}:{}".format, texts, some.integers(1, 99), some.integers(1, 9)), rule=texts,
    message=texts, blocking=some.booleans(),
)  # fmt: skip


def test_an_annotation_is_githubs_workflow_command() -> None:
    finding = Finding(place="a,b.json:3:5", rule="schema", message="100% wrong\n::error::x", fix="Use 1.")
    assert github_annotations([finding]) == [
        "::error file=a%2Cb.json,line=3,col=5,title=liftgate%3A schema::100%25 wrong%0A::error::x Use 1."
    ]
    warning = finding.copy_with(blocking=False, place="liftgate.json")
    assert github_annotations([warning])[0].startswith("::warning file=liftgate.json,line=1,col=1,")


@given(findings)
def test_a_runner_reads_what_was_said(finding: Finding) -> None:
    """As the runner's ActionCommand does it: the line is cut at the second `::`, properties at commas."""
    (line,) = github_annotations([finding])
    assert not re.search("[\r\n]", line)
    command, _, data = line.removeprefix("::").partition("::")
    kind, _, listed = command.partition(" ")
    properties = dict(each.split("=", 1) for each in listed.split(","))
    file, number, column = finding.position
    assert kind == ("error" if finding.blocking else "warning")
    assert [_unescaped(properties[name]) for name in ("file", "line", "col")] == [file, str(number), str(column)]
    assert _unescaped(data) == f"{finding.message} {finding.fix}".rstrip()


def _unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_gitlabs_report_has_a_stable_fingerprint_for_each_finding() -> None:
    one = Finding(place="a.json:3:5", rule="schema", message="wrong", pointer="/a")
    moved = one.copy_with(place="a.json:9:5")
    other = one.copy_with(pointer="/b", blocking=False)
    first, second, third = json.loads(code_quality([one, moved, other]))
    assert first["fingerprint"] == second["fingerprint"] != third["fingerprint"]
    assert first["location"] == {"path": "a.json", "lines": {"begin": 3}}
    assert (first["severity"], third["severity"], first["check_name"]) == ("major", "minor", "liftgate/schema")
