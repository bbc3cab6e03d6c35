"""Check `liftgate.json` and the values of every application in every environment, as they are in the work tree.

It runs the steps of the pipeline's validate stage and lists the mistakes of all files, each with its place first: those
in `liftgate.json`, schemas and `.sops.yaml` too. With --staged it checks what Git's index holds, for a pre-commit hook.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import DONE, FAILED, Answer, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.words import told
from liftgate.domain.common.verdict import Finding, Verdict
from liftgate.errors import Misconfigured
from liftgate.services.check_repository import check_repository
from liftgate.steps.context import Context

KEYS: Final = {
    "checked": "list of {application, environment, path, step, state, reason}",
    "findings": "list of {place, rule, message, fix, blocking, pointer, file, line, column}; line and column are 0 if "
    "unknown",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--staged", action="store_true", help="check what the next commit would have (Git's index)")
    add_repo(parser)


def run(given: Any) -> Answer:
    """The code is 5 if a mistake is outside of values, else 1 for a failed check."""
    clone = Clone(given.repo)
    found = check_repository(clone.staged if given.staged else clone.work_tree)
    bad = found.is_misconfigured or found.has_failed
    data = {
        "checked": [_checked(context, step, verdict) for context, step, verdict in found.verdicts],
        "findings": [finding_data(finding) for finding in found.findings],
    }
    files = len({context.path for context, _, _ in found.verdicts})
    said = told(len(found.findings), files)
    silent = sorted({verdict.reason for _, _, verdict in found.verdicts if verdict.state == "not configured"})
    lines = [*(finding_line(each) for each in found.findings), *silent, paint(said, "red" if bad else "green")]
    code = Misconfigured.exit_code if found.is_misconfigured else FAILED if bad else DONE
    return Answer("\n".join(lines), data, code)


def _checked(context: Context, step: str, verdict: Verdict) -> dict[str, str]:
    return {
        "application": context.application,
        "environment": context.environment,
        "path": context.path,
        "step": step,
        "state": verdict.state,
        "reason": verdict.reason,
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    file, line, column = finding.position
    return finding.model_dump() | {"file": file, "line": line, "column": column}


def finding_line(finding: Finding) -> str:
    text = str(finding)
    return paint(text, "red" if finding.blocking else "yellow")
