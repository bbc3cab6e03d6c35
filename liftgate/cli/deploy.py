"""Register the flows with Prefect, as prefect.yaml defines them. Their forms offer the applications and environments.

It creates the work pool if there is none. Run it again to update everything.
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any, Final

from liftgate.cli import connection, prefect_access
from liftgate.cli.answer import Answer, paint
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import Registration, register, written
from liftgate.steps.registry import check_names

KEYS: Final = {
    "deployments": "list of {name, id, schedules}",
    "pool": "the work pool",
    "pool_made": "whether this call created it",
    "applications": "what the forms offer",
    "environments": "what the forms offer",
    "warnings": "list of sentences: problems that did not stop the registration",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--repo", metavar="DIR", default="", help="a clone to read the choices from (the repository)")


def run(given: Any) -> Answer:
    """Raises Unavailable when Prefect or the repository cannot be reached, Misconfigured for a wrong configuration."""
    registry = connection.registry()
    tree = connection.pipeline(given.repo)
    check_names(tree.configuration)
    made = answer(register(registry, tree, written(project_root()), connection.settings().prefect.limit))
    access = prefect_access.verdict(connection.api_url())
    warnings = [] if access.passed else [f"Prefect: {access.reason}"]
    lines = [made.text, *(paint(warning, "yellow") for warning in warnings)]
    return Answer("\n".join(lines), {**made.data, "warnings": [*made.data["warnings"], *warnings]})


def answer(made: Registration) -> Answer:
    """The registration as lines and as data."""
    lines = [
        f"{paint('registered', 'green')} {each.name}  {', '.join(each.schedules)}".rstrip() for each in made.deployments
    ]
    lines.append(f"work pool {made.pool}" + (" (new)" if made.is_pool_new else ""))
    lines += [paint(warning, "yellow") for warning in made.warnings]
    data = {
        "deployments": [asdict(each) for each in made.deployments],
        "pool": made.pool,
        "pool_made": made.is_pool_new,
        "applications": made.applications,
        "environments": made.environments,
        "warnings": list(made.warnings),
    }
    return Answer("\n".join(lines), data)
