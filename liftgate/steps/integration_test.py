"""`integration-test`: the team's own test command, named in `liftgate.json` and defined in the worker's settings."""

from __future__ import annotations

from liftgate.domain.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.steps.context import Context

DEADLINE = 120.0


def run(context: Context) -> Verdict:
    """Settings: `run` (name of the command), `deadline` in seconds."""
    name = context.settings.get("run")
    if not name:
        return not_configured(f"no test named: set applications.{context.application}.checks.integration-test.run")
    variables = {
        "LIFTGATE_APPLICATION": context.application,
        "LIFTGATE_ENVIRONMENT": context.environment,
        "LIFTGATE_REVISION": context.revision,
        "LIFTGATE_VERSION": context.version,
    }
    deadline = float(context.settings.get("deadline", DEADLINE))
    finished = context.reach.run(str(name), variables, deadline)
    if finished.status == 0:
        return passed(f"{name} passed")
    last = next((line.strip() for line in reversed(finished.output.splitlines()) if line.strip()), "")
    why = (
        f"gave no verdict within {deadline:g} s" if finished.status == -1 else last or f"exit status {finished.status}"
    )
    finding = Finding(place=str(name), rule="integration-test", message=why[:300])
    return failed(f"integration test {name}: {why[:300]}", finding)
