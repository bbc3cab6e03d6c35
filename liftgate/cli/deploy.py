"""Register the flows with Prefect: what prefect.yaml says, with the applications and environments as selects.

Makes the work pool if there is none; doing it again brings everything up to date.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from liftgate.cli import parameters, prefect_access, server
from liftgate.cli.answer import Answer, paint
from liftgate.domain import deployment as deployments
from liftgate.domain import installation
from liftgate.domain.deployment import Deployment
from liftgate.errors import Misconfigured
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime.project import project_root
from liftgate.steps.registry import check_names

KEYS: Final = {
    "deployments": "list of {name, id, schedules}",
    "pool": "the work pool",
    "pool_made": "whether it was made now",
    "applications": "what the forms offer",
    "environments": "what the forms offer",
    "warnings": "list of sentences: what is registered, but not well",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--repo", metavar="DIR", default="", help="a clone to read the choices from (the repository)")


def run(given: Any) -> Answer:
    """Raises Unavailable when Prefect or the repository cannot be reached, Misconfigured when the latter is wrong."""
    registry = server.registry()
    tree = server.pipeline(given.repo)
    check_names(tree.configuration)
    made = deploy(registry, tree, written(project_root()))
    access = prefect_access.verdict(server.api_url())
    warnings = [] if access.passed else [f"Prefect: {access.reason}"]
    lines = [made.text, *(paint(warning, "yellow") for warning in warnings)]
    return Answer("\n".join(lines), {**made.data, "warnings": warnings})


def deploy(registry: Registry, tree: Tree, wanted: Sequence[Deployment]) -> Answer:
    """Under the names of the registry's installation."""
    applications, environments = tuple(tree.applications), tree.configuration.order
    made, schemas = registry.ensure_pool(), parameters.schemas()
    found = []
    for each in wanted:
        form = deployments.with_choices(schemas[each.flow], applications, environments)
        crons = [f"{schedule.cron} {schedule.timezone}" for schedule in each.schedules]
        name, identity = installation.deployment(registry.name, each.flow), registry.register(each, form)
        found.append({"name": name, "id": identity, "schedules": crons})
    lines = [
        f"{paint('registered', 'green')} {each['name']}  {', '.join(each['schedules'])}".rstrip() for each in found
    ]
    lines.append(f"work pool {registry.name}" + (" (new)" if made else ""))
    data = {
        "deployments": found,
        "pool": registry.name,
        "pool_made": made,
        "applications": list(applications),
        "environments": list(environments),
    }
    return Answer("\n".join(lines), data)


def written(folder: Path) -> tuple[Deployment, ...]:
    """What the folder's prefect.yaml says."""
    import yaml

    path = folder / "prefect.yaml"
    if not path.exists():
        raise Misconfigured(f"{path} is missing: this installation of Liftgate is incomplete")
    return deployments.read(yaml.safe_load(path.read_text()))
