"""`integration-test`: the team's own tests: a command that the worker's settings define, or a job behind HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from liftgate.domain.checks import junit
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.secrets.masking import readable
from liftgate.errors import Misconfigured
from liftgate.integrations.probe import Finished
from liftgate.steps.context import Context
from liftgate.steps.job import Job, follow
from liftgate.steps.reading import settings

NAME = "integration-test"
_NAMED = 3


class IntegrationTest(Value):
    run: str = ""
    """Name of the command: `liftgate.json` may name one, never define one."""
    http: Job | None = None
    deadline: float = Field(default=120.0, gt=0)
    """Seconds."""


def run(context: Context) -> Verdict:
    """Settings: those of IntegrationTest, either `run` or `http`."""
    written = settings(IntegrationTest, NAME, context)
    if written.run and written.http:
        raise Misconfigured(f"checks.{NAME}: set either run or http, not both")
    about = {
        "application": context.application,
        "environment": context.environment,
        "revision": context.revision,
        "version": context.serving,
    }
    if written.http:
        return follow(written.http, about, written.deadline, context)
    if not written.run:
        place = f"applications.{context.application}.checks.{NAME}"
        return not_configured(f"no test named: set {place}.run")
    return _command(written, about, context)


def _command(written: IntegrationTest, about: Mapping[str, str], context: Context) -> Verdict:
    variables = {f"LIFTGATE_{name.upper()}": text for name, text in about.items()}
    finished = context.capabilities.run(written.run, variables, written.deadline)
    report = junit.read_junit(finished.report) if finished.report else None
    if report and report.failures and finished.status != -1:
        return _failures(written.run, report)
    if finished.status == 0:
        return passed(f"{written.run} passed" + (f": {_count(report)}" if report else ""))
    why = readable(_why(finished, written.deadline), 300)
    return failed(
        f"integration test {written.run}: {why}", Finding(place=written.run, rule="integration-test", message=why)
    )


def _why(finished: Finished, deadline: float) -> str:
    if finished.status == -1:
        return f"gave no verdict within {deadline:g} s"
    last = next((line.strip() for line in reversed(finished.output.splitlines()) if line.strip()), "")
    return last or f"exit status {finished.status}"


def _failures(name: str, report: junit.Report) -> Verdict:
    """A report with failures counts even where the command ends with 0."""
    findings = [
        Finding(place=readable(each.name), rule=NAME, message=readable(each.message)) for each in report.failures
    ]
    named = ", ".join(finding.place for finding in findings[:_NAMED])
    more = f" and {len(findings) - _NAMED} more" if len(findings) > _NAMED else ""
    return failed(f"integration test {name}: {len(findings)} of {report.tests} failed: {named}{more}", *findings)


def _count(report: junit.Report) -> str:
    skipped = f", {report.skipped} skipped" if report.skipped else ""
    return f"{report.tests} {'test' if report.tests == 1 else 'tests'}{skipped}"
