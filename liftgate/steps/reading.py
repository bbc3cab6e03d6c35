"""What steps read: their settings as a value, each mistake with its place, and whether the file is strict JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.errors import Misconfigured
from liftgate.steps.context import Context

T = TypeVar("T", bound=Value)
Addresses = str | tuple[str, ...] | dict[str, str | tuple[str, ...]]
"""One address or several, or either of them by environment."""


def lint(context: Context) -> Verdict:
    """Whether the file is strict JSON."""
    violations = context.document.violations
    if not violations:
        return passed(f"{context.path} is strict JSON", *context.document.large_integers)
    number = len(violations)
    return failed(f"{context.path} has {number} violation{'' if number == 1 else 's'} of strict JSON", *violations)


def with_lint(context: Context, verdict: Verdict) -> Verdict:
    """The verdict on what the file most likely means, with the violations of strict JSON, which come first."""
    if not context.document.violations:
        return verdict
    linted = lint(context)
    reasons = [linted.reason, *([verdict.reason] if verdict.failed else [])]
    return failed("; ".join(reasons), *linted.findings, *verdict.findings)


def settings(model: type[T], step: str, context: Context) -> T:
    """This step's settings; raises Misconfigured naming every wrong key at once."""
    return read(model, context.settings, f"checks.{step}")


def read(model: type[T], written: Mapping[str, Any], place: str) -> T:
    try:
        return model.model_validate(dict(written))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise Misconfigured("; ".join(_mistake(dict(each), model, place) for each in found)) from None


def _mistake(item: dict[str, Any], model: type[Value], place: str) -> str:
    where = ".".join([place, *map(str, item["loc"])])
    if item["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"{where}: unknown key; {nearest(str(item['loc'][-1]), known)}"
    return f"{where}: {str(item['msg']).removeprefix('Value error, ')}"


def filled(text: str, context: Context) -> str:
    """With `{application}`, `{environment}`, `{version}` and `{revision}`; other braces stay as they are."""
    for name in ("application", "environment", "version", "revision"):
        if "{" + name + "}" in text:
            text = text.replace("{" + name + "}", context.serving if name == "version" else getattr(context, name))
    return text


def addresses(written: Addresses, context: Context) -> list[str]:
    """Those of this environment, filled in; none where it has none."""
    if isinstance(written, dict):
        written = written.get(context.environment, ())
    listed = [written] if isinstance(written, str) else written
    return [filled(address, context) for address in listed]
