"""The steps of the validate stage on what lies in Git: without a server, a network or a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from liftgate.domain.verdict import Verdict
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.restoring import Way
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


def checked(tree: Tree, context: Context) -> Iterator[tuple[Context, str, Verdict]]:
    """Each step with the settings it has for the application."""
    for spec in tree.configuration.pipeline.steps("validate"):
        settings = spec.settings | tree.application(context.application).checks.get(spec.name, {})
        if spec.name not in PREVIEWS:
            own = replace(context, settings=settings) if settings else context
            yield own, spec.name, find(spec.name).run(own)


def judged(tree: Tree, way: Way) -> Way:
    """The way back with what today's checks say of its values."""
    found = misfits(tree, way.entry.application, way.entry.environment, way.data)
    return way.model_copy(update={"misfits": found})


def misfits(tree: Tree, name: str, environment: str, data: bytes) -> tuple[str, ...]:
    """What our own steps would say today against values of another time. Only said: no rollback is refused for it."""
    try:
        context = context_of(tree, name, environment, tree.path(name, environment), data)
        failed = [verdict for _, step, verdict in checked(tree, context) if step in BUILT_IN and verdict.failed]
    except LiftgateError as error:
        return (f"could not be checked: {error}",)
    return tuple(dict.fromkeys(line for verdict in failed for line in _lines(verdict)))


def _lines(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings if finding.blocking] or [verdict.reason]
