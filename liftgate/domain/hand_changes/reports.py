"""Findings as CI systems read them: GitHub's workflow commands, and GitLab's Code Quality report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from liftgate.domain.common.verdict import Finding

_MOST: Final = 1_000
"""Findings that are reported; GitHub shows ten of each kind for a step."""


def github_annotations(findings: Iterable[Finding]) -> list[str]:
    """One workflow command a finding, escaped like @actions/core does: no text can end it or begin another one."""
    return [_annotation(finding) for finding in list(findings)[:_MOST]]


def _annotation(finding: Finding) -> str:
    file, line, column = finding.position
    properties = {"file": file, "line": str(line or 1), "col": str(column or 1), "title": f"liftgate: {finding.rule}"}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{'error' if finding.blocking else 'warning'} {listed}::{_data(_said(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def code_quality(findings: Iterable[Finding]) -> str:
    """docs.gitlab.com/ci/testing/code_quality: a list with an object for each finding."""
    return json.dumps([_quality(finding) for finding in list(findings)[:_MOST]], indent=2, ensure_ascii=False)


def _quality(finding: Finding) -> dict[str, Any]:
    file, line, _ = finding.position
    told_apart = json.dumps([file, finding.rule, finding.pointer, finding.message])
    return {
        "description": _said(finding),
        "check_name": f"liftgate/{finding.rule}",
        "fingerprint": hashlib.sha256(told_apart.encode()).hexdigest(),
        "severity": "major" if finding.blocking else "minor",
        "location": {"path": file, "lines": {"begin": line or 1}},
    }


def _said(finding: Finding) -> str:
    return f"{finding.message} {finding.fix}".rstrip()
