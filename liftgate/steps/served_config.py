"""`served-config`: the configuration the application really serves is the commit's, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath

from pydantic import Field

from liftgate.domain.checks.expectation import text_at
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.secrets.masking import readable
from liftgate.integrations.deployer.live import Held
from liftgate.steps.context import Context
from liftgate.steps.reading import Addresses, addresses, settings

NAME = "served-config"
_EVERY = 0.25


class ServedConfig(Value):
    http: Addresses = ()
    """Where the application says which configuration it serves; without, the live ConfigMap is compared."""
    pointer: str = "/fingerprint"
    """Where in the answer the SHA-256 of the file stands, in hexadecimal, `sha256:` before it or not."""
    configmap: str = ""
    """The beginning of the ConfigMap's name; must be there when it is set."""
    times: int = Field(default=3, ge=1, le=100)
    """Answers in a row that must be right: behind one address there may be several instances."""
    within: float = Field(default=5.0, ge=0)
    """Seconds in which the last moments of a rollout are forgiven."""


def run(context: Context) -> Verdict:
    """Settings: those of ServedConfig."""
    written = settings(ServedConfig, NAME, context)
    asked = addresses(written.http, context)
    looks = [partial(_served, address, written, context) for address in asked]
    if not looks:
        if not (written.configmap or _held(written, context)):
            place = f"applications.{context.application}.checks.{NAME}.http"
            return not_configured(f"no live ConfigMap holds {_file(context)}, and there is no address: set {place}")
        looks = [partial(_live, written, context)]
    bad = [finding for look in looks if (finding := _until(written, context, look))]
    if bad:
        return failed(f"served configuration: {bad[0].message}", *bad)
    return passed(f"{context.environment} serves the committed configuration")


def _until(written: ServedConfig, context: Context, look: Callable[[], Finding | None]) -> Finding | None:
    clock = context.capabilities.clock
    end = clock.monotonic() + written.within
    while (bad := look()) and clock.monotonic() < end:
        clock.sleep(_EVERY)
    return bad


def _served(address: str, written: ServedConfig, context: Context) -> Finding | None:
    answers = (_fingerprint(address, written, context) for _ in range(written.times))
    return next((bad for bad in answers if bad), None)


def _fingerprint(address: str, written: ServedConfig, context: Context) -> Finding | None:
    answer = context.capabilities.get(address, 5.0)
    wanted = sha256(context.data).hexdigest()
    said = text_at(answer.body, written.pointer).lower().removeprefix("sha256:")
    if answer.status == 200 and said == wanted:
        return None
    if not answer.status:
        return _finding(address, answer.reason)
    if answer.status != 200:
        return _finding(address, f"asked for it, the application answers with status {answer.status}")
    if not said:
        return _finding(address, f"the answer has no fingerprint at {written.pointer}")
    return _finding(address, f"the application serves {said[:12]}, the commit's file is {wanted[:12]}")


def _live(written: ServedConfig, context: Context) -> Finding | None:
    held = _held(written, context)
    if not held:
        message = f"no live ConfigMap {written.configmap}… holds {_file(context)}"
        return _finding(", ".join(context.deployed_as), message)
    return next((bad for each in held if (bad := _compared(each, context))), None)


def _held(written: ServedConfig, context: Context) -> list[Held]:
    live = context.capabilities.live
    found = [each for name in context.deployed_as for each in live.held(name, _file(context))] if live else []
    return [each for each in found if each.name.startswith(written.configmap)]


def _file(context: Context) -> str:
    return PurePosixPath(context.path).name


def _compared(held: Held, context: Context) -> Finding | None:
    file = _file(context)
    if held.text is None:
        return _finding(f"ConfigMap/{held.name}", f"the ConfigMap {held.name} is not there, or has no {file}")
    if held.text.encode() != context.data:
        return _finding(f"ConfigMap/{held.name}", f"{file} in the ConfigMap {held.name} is not what the commit holds")
    return None


def _finding(place: str, message: str) -> Finding:
    return Finding(place=readable(place), rule=NAME, message=message)
