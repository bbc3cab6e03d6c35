"""`log-check`: what the application printed since the sync has what it must have, and nothing it must not have."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.secrets.masking import readable
from liftgate.errors import Misconfigured
from liftgate.integrations.deployer.live import Chosen, Line
from liftgate.steps import patterns
from liftgate.steps.context import Context
from liftgate.steps.reading import filled, settings

NAME = "log-check"
_EVERY = 0.5
_LOOKED_AT = 2000
"""Characters of a line."""
_SHOWN = 5
_SLACK = 120.0
"""Seconds by which our clock may be behind the cluster's; the lines' own times decide."""


def _is_pattern(text: str) -> str:
    try:
        patterns.check_pattern(text)
    except Misconfigured as error:
        raise ValueError(str(error)) from None
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class LogCheck(Value):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    must: tuple[Pattern, ...] = ()
    """Regular expressions that some line must match, within so many seconds."""
    must_not: tuple[Pattern, ...] = Field(default=(), alias="must-not")
    """Regular expressions that no line may match, as long as it is watched."""
    within: float = Field(default=10.0, ge=0)
    watch: float = Field(default=0.0, ge=0)
    """Seconds that are watched even when nothing is missing."""
    container: str = ""
    kind: str = ""
    name: str = ""
    """Only the pods of this object, like kind Deployment and its name."""


def run(context: Context) -> Verdict:
    """Settings: those of LogCheck; a pattern may hold `{version}` and the like."""
    written, live = settings(LogCheck, NAME, context), context.capabilities.live
    if not (written.must or written.must_not):
        return not_configured(f"no pattern: set applications.{context.application}.checks.{NAME}")
    if live is None or not context.deployed_as:
        return not_configured("there is no deployer whose logs could be read")
    try:
        return _watched(written, context)
    except patterns.TooSlow as slow:
        return failed(f"log: a line {slow.sentence}")


def _watched(written: LogCheck, context: Context) -> Verdict:
    clock, began = context.capabilities.clock, context.capabilities.clock.monotonic()
    while True:
        lines = _lines(written, context)
        bad = [finding for pattern in written.must_not for finding in _matching(pattern, lines, context)]
        if bad:
            return failed(f"log: {bad[0].message}", *bad)
        missing = [pattern for pattern in written.must if not _found(pattern, lines, context)]
        age = clock.monotonic() - began
        if not missing and age >= written.watch:
            return passed(f"no unwanted line in the log ({len(lines)} lines since the sync)")
        if missing and age >= max(written.within, written.watch):
            return _missing(missing, lines, context)
        clock.sleep(_EVERY)


def _lines(written: LogCheck, context: Context) -> list[Line]:
    """Those since the sync, by their own times: a pod that was replaced said what it said before."""
    live, since = context.capabilities.live, context.capabilities.since()
    age = (context.capabilities.clock.now() - since).total_seconds() + _SLACK
    chosen = Chosen(container=written.container, kind=written.kind, name=written.name)
    found = [line for name in context.deployed_as for line in live.lines(name, age, chosen)] if live else []
    return [line for line in found if line.at >= since]


def _found(pattern: str, lines: list[Line], context: Context) -> list[Line]:
    wanted = _with_names(pattern, context)
    with patterns.pattern_time():
        return [line for line in lines if patterns.found(wanted, line.text[:_LOOKED_AT])]


def _with_names(pattern: str, context: Context) -> str:
    """Names are filled in as they are: the dots of a version are no wildcards."""
    parts = re.split(r"(\{(?:application|environment|version|revision)\})", pattern)
    return "".join(re.escape(filled(part, context)) if at % 2 else part for at, part in enumerate(parts))


def _matching(pattern: str, lines: list[Line], context: Context) -> list[Finding]:
    found = _found(pattern, lines, context)
    more = f" (and {len(found) - _SHOWN} lines more)" if len(found) > _SHOWN else ""
    return [
        Finding(place=f"pod {line.pod}", rule=NAME, message=f"{readable(line.text)}{more if at == 0 else ''}")
        for at, line in enumerate(found[:_SHOWN])
    ]


def _missing(patterns: list[str], lines: list[Line], context: Context) -> Verdict:
    findings = [
        Finding(place=", ".join(context.deployed_as), rule=NAME, message=f"no line since the sync matches {pattern}")
        for pattern in patterns
    ]
    last = f"; the last line is: {readable(lines[-1].text)}" if lines else ", and there is no line at all"
    return failed(f"log: {findings[0].message}{last}", *findings)
