"""Check `liftgate.json` and the values of every application in every environment, as they lie in the work tree.

Runs the steps of the pipeline's validate stage, and names everything they find, its place first.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from liftgate.cli.answer import DONE, FAILED, Answer, paint
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.verdict import Finding, Verdict
from liftgate.integrations.git.tree import Tree
from liftgate.services.checks import checked, context_of
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
    """Raises Misconfigured when `liftgate.json` itself is wrong: then nobody knows what there is to check."""
    found = list(check(Clone(given.repo).work_tree))
    findings = list(dict.fromkeys(finding for _, _, verdict in found for finding in verdict.findings))
    bad = any(verdict.failed for _, _, verdict in found)
    data = {
        "checked": [_checked(context, step, verdict) for context, step, verdict in found],
        "findings": [finding.model_dump() for finding in findings],
    }
    files = len({context.path for context, _, _ in found})
    said = f"{len(findings)} found in {files} files" if findings else f"{files} files, nothing wrong"
    silent = sorted({v.reason for _, _, v in found if v.state == "not configured"})
    lines = [*(_line(each) for each in findings), *silent, paint(said, "red" if bad else "green")]
    return Answer("\n".join(lines), data, FAILED if bad else DONE)


def check(tree: Tree) -> Iterator[tuple[Context, str, Verdict]]:
    """Every step's verdict on every file; an environment that has no file yet is no mistake."""
    check_names(tree.configuration)
    for name in tree.applications:
        for environment in tree.configuration.order:
            file = tree.values(name, environment)
            if file is not None:
                yield from checked(tree, context_of(tree, name, environment, file.path, file.data))
        yield from _base(tree, name)


def _base(tree: Tree, name: str) -> Iterator[tuple[Context, str, Verdict]]:
    """Base values belong to no environment, so that no schema of one fits them."""
    first = tree.configuration.order[0]
    path = tree.source_path(name)
    file = tree.repository.file(tree.commit, path) if path != tree.path(name, first) else None
    if file is not None:
        context = context_of(tree, name, "", path, file.data)
        yield context, "json-lint", json_lint.run(context)
        yield context, "security-scan", security_scan.run(context)


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
