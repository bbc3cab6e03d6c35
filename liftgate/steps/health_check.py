"""`health-check`: the application itself says that it is well, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from liftgate.domain.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.integrations.probe import Answer
from liftgate.steps.context import Context

WITHIN = 5.0
"""Seconds a probe may go on failing before it means something: a rollout's last connections take a moment."""
_EVERY = 0.25


def run(context: Context) -> Verdict:
    """Settings: `http` and `within` (seconds).

    `http` is an address or a list of them, with `{environment}` and `{application}` filled in, or an object that has
    them by environment.
    """
    addresses = _addresses(context.settings, context)
    if not addresses:
        return not_configured(f"no address to ask: set applications.{context.application}.checks.health-check.http")
    within = float(context.settings.get("within", WITHIN))
    bad = [finding for address in addresses if (finding := _ask(address, within, context))]
    if bad:
        return failed(f"health check: {bad[0].message}", *bad)
    return passed(f"{len(addresses)} {'address answers' if len(addresses) == 1 else 'addresses answer'} well")


def _addresses(settings: Mapping[str, Any], context: Context) -> list[str]:
    written = settings.get("http", [])
    if isinstance(written, Mapping):
        written = written.get(context.environment, [])
    listed = [written] if isinstance(written, str) else list(written)
    names = {"environment": context.environment, "application": context.application}
    return [_filled(address, names) for address in listed]


def _filled(address: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        address = address.replace("{" + name + "}", value)
    return address


def _ask(address: str, within: float, context: Context) -> Finding | None:
    """The last bad answer within the time, or None as soon as there is a good one."""
    clock, probe = context.reach.clock, context.reach.get
    end = clock.monotonic() + within
    while True:
        answer = probe(address, min(5.0, max(1.0, within)))
        if 200 <= answer.status < 300:
            return None
        if clock.monotonic() >= end:
            return Finding(place=address, rule="health-check", message=_reason(answer))
        clock.sleep(_EVERY)


def _reason(answer: Answer) -> str:
    """What the application says is wrong, else the bare status."""
    if not answer.status:
        return answer.reason
    try:
        body = json.loads(answer.body)
    except ValueError:
        return f"status {answer.status}"
    said = (
        next((body[key] for key in ("reason", "message", "error") if body.get(key)), "")
        if isinstance(body, dict)
        else ""
    )
    return str(said)[:200] or f"status {answer.status}"
