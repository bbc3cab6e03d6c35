"""The step `schema-validation`: the values fit their JSON Schema and the environment's overlay of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from liftgate.domain.common.canonical import canonical
from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Finding, Verdict, failed, passed
from liftgate.domain.json_text.pointer import join
from liftgate.domain.json_text.strict import Document
from liftgate.domain.secrets.secret import is_ciphertext, is_reference
from liftgate.steps.context import Context
from liftgate.steps.patterns import TooSlow, pattern_time
from liftgate.steps.reading import lint, with_lint
from liftgate.steps.schema_errors import Problem, problems


def run(context: Context) -> Verdict:
    """Raises Misconfigured when a schema itself is wrong."""
    document = context.document.mended
    return lint(context) if document is None else with_lint(context, judge(context, document))


def judge(context: Context, document: Document) -> Verdict:
    """Whether the document's value fits the context's schemas."""
    try:
        with pattern_time():
            found = _problems(context, document.value)
    except TooSlow as slow:
        return failed(f"{context.path} {slow.sentence}")
    findings = _findings(document, found)
    if not findings:
        return passed(f"{context.path} fits its schema")
    number = len(findings)
    return failed(f"{context.path} does not fit its schema in {number} place{'' if number == 1 else 's'}", *findings)


def _problems(context: Context, value: Json) -> list[Problem]:
    schema = _built_in() if context.schema is None else canonical(context.schema)
    overlays = [] if context.overlay is None else [context.overlay]
    if context.schema is None:
        overlays.append(_named(context.environment))
    return problems(schema, tuple(canonical(each) for each in overlays), value)


@cache
def _built_in() -> bytes:
    """The schema of values for which a team has written none."""
    return files("liftgate.schemas").joinpath("values.schema.json").read_bytes()


def _named(environment: str) -> Json:
    name = {"properties": {"name": {"const": environment}}}
    return {"properties": {"application": {"properties": {"environment": name}}}}


def _findings(document: Document, found: list[Problem]) -> list[Finding]:
    """By place; encrypted values and references are not judged by what their text looks like."""
    placed = {
        (document.locate(join(problem.path)), problem.rule, problem.message): problem
        for problem in found
        if not (isinstance(problem.instance, str) and _is_hidden(problem.instance))
    }
    return [
        Finding(
            place=document.place(join(placed[key].path)),
            rule=placed[key].rule,
            message=f"{join(placed[key].path) or 'the root'} {placed[key].message}",
            fix=placed[key].fix,
            pointer=join(placed[key].path),
        )
        for key in sorted(placed)
    ]


def _is_hidden(text: str) -> bool:
    return is_ciphertext(text) or is_reference(text)
