"""Check `liftgate.json` and the values of every application in every environment, as they are in the work tree.

It runs the steps of the pipeline's validate stage and lists all their findings, each with its place first.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from liftgate.cli.answer import DONE, FAILED, Answer, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.common.verdict import Finding, Verdict
from liftgate.domain.config.configuration import FILE
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.checks import context_of, step_verdicts, without_secrets
from liftgate.steps import json_lint, security_scan
from liftgate.steps.context import Context
from liftgate.steps.registry import check_names

KEYS: Final = {
    "checked": "list of {application, environment, path, step, state, reason}",
    "findings": "list of {place, rule, message, fix, blocking}",
}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)


def run(given: Any) -> Answer:
    """Raises Misconfigured when `liftgate.json` is wrong: it says what to check."""
    tree = Clone(given.repo).work_tree
    found = list(check(tree))
    findings = list(dict.fromkeys(finding for _, _, verdict in found for finding in verdict.findings))
    findings += short_of_people(tree)
    bad = any(verdict.failed for _, _, verdict in found)
    data = {
        "checked": [_checked(context, step, verdict) for context, step, verdict in found],
        "findings": [finding.model_dump() for finding in findings],
    }
    files = len({context.path for context, _, _ in found})
    said = f"{len(findings)} found in {files} files" if findings else f"{files} files, no mistakes"
    silent = sorted({v.reason for _, _, v in found if v.state == "not configured"})
    lines = [*(_line(each) for each in findings), *silent, paint(said, "red" if bad else "green")]
    return Answer("\n".join(lines), data, FAILED if bad else DONE)


def check(tree: ConfigSnapshot) -> Iterator[tuple[Context, str, Verdict]]:
    """Every step's verdict on every file. An environment may have no file yet."""
    check_names(tree.configuration)
    for name in tree.applications:
        for environment in tree.configuration.order:
            file = tree.values(name, environment)
            if file is not None:
                yield from step_verdicts(tree, context_of(tree, name, environment, file.path, file.data))
        yield from _base(tree, name)


def short_of_people(tree: ConfigSnapshot) -> list[Finding]:
    """A warning for each environment whose gate fails when one of its approvers requests or writes a change."""
    return [
        Finding(place=FILE, rule="approvals", message=f"policy.{name}.approvals.from {why}", blocking=False)
        for name, why in tree.configuration.short_of_people.items()
    ]


def _base(tree: ConfigSnapshot, name: str) -> Iterator[tuple[Context, str, Verdict]]:
    """Base values belong to no environment, so no environment's schema applies to them."""
    first = tree.configuration.order[0]
    path = tree.source_path(name)
    file = tree.repository.file(tree.commit, path) if path != tree.path(name, first) else None
    if file is not None:
        context = context_of(tree, name, "", path, file.data)
        yield context, "json-lint", without_secrets(json_lint.run(context))
        yield context, "security-scan", without_secrets(security_scan.run(context))


def _checked(context: Context, step: str, verdict: Verdict) -> dict[str, str]:
    return {
        "application": context.application,
        "environment": context.environment,
        "path": context.path,
        "step": step,
        "state": verdict.state,
        "reason": verdict.reason,
    }


def _line(finding: Finding) -> str:
    text = str(finding)
    return paint(text, "red" if finding.blocking else "yellow")
