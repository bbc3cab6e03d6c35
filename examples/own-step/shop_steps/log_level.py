"""The step `log-level`: no environment that the settings name logs more than it may."""

from __future__ import annotations

from liftgate.plugins import MISSING, Context, Finding, Verdict, failed, find, not_configured, passed

POINTER = "/application/environment/configs/logLevel"


def run(context: Context) -> Verdict:
    """Settings: `allowed` (list of levels), `in` (list of environments; left out: all of them)."""
    allowed = context.settings.get("allowed")
    if not allowed:
        return not_configured('no levels named: write {"name": "log-level", "allowed": ["info"]} in the pipeline')
    if context.environment not in context.settings.get("in", [context.environment]):
        return passed(f"any level will do in {context.environment}")
    level = find(context.document.value, POINTER)
    if level is MISSING or level in allowed:
        return passed(f"{context.environment} logs no more than it may")
    finding = Finding(
        place=context.document.place(POINTER),
        rule="log-level",
        message=f"{POINTER} is none of {', '.join(allowed)}.",
        fix=f"Set it to {allowed[0]}.",
    )
    return failed(f"{context.environment} logs more than it may", finding)
