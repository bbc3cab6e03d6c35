"""The steps of the validate stage on what lies in Git: without a server, a network or a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from liftgate.domain.pipeline import StepSpec
from liftgate.domain.verdict import Verdict
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.tree import Tree
from liftgate.steps.context import Context
from liftgate.steps.registry import BUILT_IN, PREVIEWS, find


def context_of(tree: Tree, name: str, environment: str, path: str, data: bytes) -> Context:
    """`data` is judged by the schemas, rules and exceptions of the tree, whatever lies in it at `path`."""
    schema, overlay = tree.schemas(name, environment)
    return Context(
        application=name,
        environment=environment,
        path=path,
        data=data,
        rules=tree.rules(name),
        schema=schema,
        overlay=overlay,
        allow=tree.configuration.allow,
        sops=tree.sops(name, path, data),
        today=SystemClock().now().date(),
    )


def settings_of(tree: Tree, name: str, spec: StepSpec) -> dict[str, Any]:
    """The step's in the pipeline, and over them those for the application."""
    return spec.settings | tree.application(name).checks.get(spec.name, {})


def checked(tree: Tree, context: Context, *, ours: bool = False) -> Iterator[tuple[Context, str, Verdict]]:
    """Each step's verdict; with `ours` a team's own steps are not run."""
    for spec in tree.configuration.pipeline.steps("validate"):
        if spec.name in BUILT_IN if ours else spec.name not in PREVIEWS:
            settings = settings_of(tree, context.application, spec)
            own = replace(context, settings=settings) if settings else context
            yield own, spec.name, find(spec.name).run(own)


def misfits(tree: Tree, name: str, environment: str, data: bytes) -> tuple[str, ...]:
    """What our own steps would say today against values of another time. Only said: no rollback is refused for it."""
    try:
        context = context_of(tree, name, environment, tree.path(name, environment), data)
        failed = [verdict for _, _, verdict in checked(tree, context, ours=True) if verdict.failed]
    except LiftgateError as error:
        return (f"could not be checked: {error}",)
    return tuple(dict.fromkeys(line for verdict in failed for line in _lines(verdict)))


def in_words(misfits: Iterable[str]) -> list[str]:
    return [f"does not fit today's checks: {each}" for each in misfits]


def _lines(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings if finding.blocking] or [verdict.reason]
