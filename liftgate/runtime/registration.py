"""Registers the flows with Prefect: what prefect.yaml says, with the applications and environments as choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liftgate.domain import deployment as deployments
from liftgate.domain import installation
from liftgate.domain.deployment import Deployment
from liftgate.errors import Misconfigured
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import parameters


@dataclass(frozen=True)
class Registered:
    """One deployment as Prefect now has it."""

    name: str
    id: str
    schedules: tuple[str, ...]


@dataclass(frozen=True)
class Registration:
    """What Prefect now has, and what its forms offer."""

    deployments: tuple[Registered, ...]
    pool: str
    is_pool_new: bool
    applications: tuple[str, ...]
    environments: tuple[str, ...]


def register(registry: Registry, tree: Tree, wanted: Sequence[Deployment]) -> Registration:
    """Under the names of the registry's installation. Makes the work pool if there is none; doing it again brings
    everything up to date."""
    applications, environments = tuple(tree.applications), tuple(tree.configuration.order)
    is_pool_new, schemas = registry.ensure_pool(), parameters.schemas()
    made = []
    for each in wanted:
        form = deployments.with_choices(schemas[each.flow], applications, environments)
        crons = tuple(f"{schedule.cron} {schedule.timezone}" for schedule in each.schedules)
        made.append(Registered(installation.deployment(registry.name, each.flow), registry.register(each, form), crons))
    return Registration(tuple(made), registry.name, is_pool_new, applications, environments)


def written(folder: Path) -> tuple[Deployment, ...]:
    """What the folder's prefect.yaml says."""
    import yaml

    path = folder / "prefect.yaml"
    if not path.exists():
        raise Misconfigured(f"{path} is missing: this installation of Liftgate is incomplete")
    return deployments.read(yaml.safe_load(path.read_text()))
