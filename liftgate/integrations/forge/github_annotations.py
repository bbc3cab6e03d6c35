"""Findings at their lines on GitHub: annotations of a check run, which only an App may make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from liftgate.domain.common.verdict import Finding
from liftgate.integrations.forge.github_answers import CheckRun, Numbered, read
from liftgate.integrations.forge.github_rest import WHO, Rest
from liftgate.integrations.http import json_of

NAME: Final = "liftgate findings"
"""Not the name of the commit status: a check run of that name would satisfy a rule that requires the status."""
_AT_ONCE: Final = 50
_MOST: Final = 200


def annotate(rest: Rest, head: str, findings: Sequence[Finding]) -> None:
    """Once for the same findings at the commit; an App that may not write checks makes none. Raises Unavailable."""
    shown = [_annotation(each) for each in findings[:_MOST]]
    told_apart = hashlib.sha256(json.dumps(shown).encode()).hexdigest()
    path = f"/commits/{head}/check-runs"
    listed = rest.pages(path, within="check_runs", missing=(403,), check_name=NAME, filter="latest")
    known = [read(CheckRun, each, path) for each in listed]
    if any(each.external_id == told_apart for each in known) or not (known or shown):
        return
    batches = [shown[at : at + _AT_ONCE] for at in range(0, len(shown), _AT_ONCE)] or [[]]
    output = {"title": _title(findings), "summary": "What each finding means stands in the comment of Liftgate."}
    about = {"name": NAME, "head_sha": head, "external_id": told_apart, "conclusion": _conclusion(findings)}
    response = rest.send("POST", "/check-runs", json=about | {"output": output | {"annotations": batches[0]}})
    if response.status_code == 403:
        return
    made = read(Numbered, json_of(response, WHO), "/check-runs").id
    for batch in batches[1:]:
        rest.json("PATCH", f"/check-runs/{made}", json={"output": output | {"annotations": batch}})


def _annotation(finding: Finding) -> dict[str, Any]:
    file, line, _ = finding.position
    return {
        "path": file,
        "start_line": line or 1,
        "end_line": line or 1,
        "annotation_level": "failure" if finding.blocking else "warning",
        "title": finding.rule[:200],
        "message": f"{finding.message} {finding.fix}".rstrip()[:5_000],
    }


def _title(findings: Sequence[Finding]) -> str:
    more = f", the first {_MOST} are shown" if len(findings) > _MOST else ""
    return f"{len(findings)} found{more}" if findings else "no mistakes"


def _conclusion(findings: Sequence[Finding]) -> str:
    if any(finding.blocking for finding in findings):
        return "failure"
    return "neutral" if findings else "success"
