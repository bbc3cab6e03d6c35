"""`health-check`: the application itself says that it is well, over HTTP."""

from __future__ import annotations

from collections import deque
from typing import Any

from pydantic import Field, field_validator

from liftgate.domain.checks.expectation import Expectation, shortfall
from liftgate.domain.common.value import Json, Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.json_text.pointer import split
from liftgate.domain.secrets.masking import readable
from liftgate.steps.context import Context
from liftgate.steps.reading import Addresses, addresses, filled, read, settings

NAME = "health-check"
_EVERY = 0.25
_TRIES = 100


class Probe(Value):
    """What is asked, and what the answer must be."""

    http: Addresses = ()
    within: float = Field(default=5.0, ge=0)
    """Seconds a probe may go on failing before it means something: a rollout's last connections take a moment."""
    status: int | tuple[int, ...] = ()
    pointer: str = ""
    equals: Json = None
    latency: float | None = Field(default=None, gt=0)
    of: tuple[int, int] = (1, 1)
    """So many of so many tries in a row must be good."""

    @field_validator("of")
    @classmethod
    def _possible(cls, of: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= of[0] <= of[1] <= _TRIES:
            raise ValueError(f"write [n, m]: n good ones of m tries, at least 1 and at most {_TRIES}")
        return of

    @field_validator("pointer")
    @classmethod
    def _is_pointer(cls, pointer: str) -> str:
        split(pointer)
        return pointer


class HealthCheck(Probe):
    probes: tuple[dict[str, Any], ...] = ()
    """Further probes, which share `within`, `latency` and `of` where they have none of their own."""


def run(context: Context) -> Verdict:
    """Settings: those of HealthCheck, where every text may hold `{environment}`, `{application}` and `{version}`."""
    written = settings(HealthCheck, NAME, context)
    asked = [(address, probe) for probe in _probes(written) for address in addresses(probe.http, context)]
    if not asked:
        return not_configured(f"no address: set applications.{context.application}.checks.{NAME}.http")
    bad = [finding for address, probe in asked if (finding := _ask(address, probe, context))]
    if bad:
        return failed(f"health check: {bad[0].message}", *bad)
    return passed(f"{len(asked)} {'address is' if len(asked) == 1 else 'addresses are'} healthy")


def _probes(written: HealthCheck) -> list[Probe]:
    shared = written.model_dump(include={"within", "latency", "of"}, exclude_unset=True)
    more = [read(Probe, shared | own, f"checks.{NAME}.probes.{at}") for at, own in enumerate(written.probes)]
    return [written, *more]


def _ask(address: str, probe: Probe, context: Context) -> Finding | None:
    """The last bad answer within the time, or None as soon as enough of the last tries are good."""
    clock, wanted = context.capabilities.clock, _wanted(probe, context)
    good, tries = probe.of
    last: deque[bool] = deque(maxlen=tries)
    asked, wrong, end = 0, "", clock.monotonic() + probe.within
    while True:
        answer = context.capabilities.get(address, min(5.0, max(1.0, probe.within)))
        why = shortfall(wanted, answer.status, answer.body, answer.seconds) if answer.status else answer.reason
        last.append(not why)
        asked, wrong = asked + 1, why or wrong
        if sum(last) >= good:
            return None
        if asked >= tries and clock.monotonic() >= end:
            often = f" ({sum(last)} of {tries} tries were good, {good} must be)" if tries > 1 else ""
            return Finding(place=readable(address), rule=NAME, message=wrong + often)
        clock.sleep(_EVERY)


def _wanted(probe: Probe, context: Context) -> Expectation:
    equals = filled(probe.equals, context) if isinstance(probe.equals, str) else probe.equals
    return Expectation(
        status=(probe.status,) if isinstance(probe.status, int) else probe.status,
        pointer=probe.pointer,
        equals=equals,
        compares="equals" in probe.model_fields_set,
        latency=probe.latency,
    )
