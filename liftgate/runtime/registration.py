"""Registers the flows with Prefect as prefect.yaml defines them, with the applications and environments as choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liftgate.domain.common import installation
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.runs import capacity, programs
from liftgate.domain.runs import deployment as deployments
from liftgate.domain.runs.deployment import Deployment
from liftgate.errors import Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
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
    """What is registered with Prefect, and the choices in its forms."""

    deployments: tuple[Registered, ...]
    pool: str
    is_pool_new: bool
    warnings: tuple[str, ...]
    applications: tuple[str, ...]
    environments: tuple[str, ...]


def register(
    registry: Registry, tree: ConfigSnapshot, wanted: Sequence[Deployment], limit: int = capacity.POOL
) -> Registration:
    """Register under the names of the registry's installation. Creates the work pool, with `limit` runs at once, if
    there is none; a second call updates everything."""
    applications, environments = tuple(tree.applications), tuple(tree.configuration.order)
    is_pool_new, schemas = registry.ensure_pool(), parameters.schemas()
    warnings = () if is_pool_new else tuple(_mended_pool(registry))
    registry.set_limit(limit)
    made = []
    for each in deployments.with_schedules(wanted, tree.configuration.schedules.by_flow):
        form = deployments.with_choices(schemas[each.flow], applications, environments)
        crons = tuple(f"{schedule.cron} {schedule.timezone}" for schedule in each.schedules)
        made.append(Registered(installation.deployment(registry.name, each.flow), registry.register(each, form), crons))
    return Registration(tuple(made), registry.name, is_pool_new, warnings, applications, environments)


def _mended_pool(registry: Registry) -> Iterator[str]:
    """Reset the work pool's template if it asks for a program. What people should know of the pool."""
    pool = registry.pool()
    if found := ", ".join(programs.template_demands(pool["base_job_template"])):
        registry.reset_template()
        yield f"reset in the work pool {registry.name}: {found}; find out who changed it"
    if pool["type"] != programs.POOL_TYPE:
        yield _other_type(registry.name, pool["type"])


def _other_type(name: str, kind: str) -> str:
    return (
        f"the work pool {name} is of the type {kind}, so Prefect's own worker can take its runs: it runs any program, "
        f"and is only for trying out. Give the keys to liftgate worker alone. To change the type, delete the pool "
        f"while no run waits, then run liftgate deploy"
    )


def programs_verdict(registry: Registry, wanted: Sequence[Deployment]) -> Verdict:
    """Whether the work pool and the deployments ask only for the flows of this installation."""
    pool = registry.pool()
    if pool is None:
        return failed(f"there is no work pool {registry.name}; run: liftgate deploy")
    found = list(programs.template_demands(pool["base_job_template"]))
    for each in wanted:
        if stands := registry.deployment(each.flow):
            found += [f"{each.flow}: {asked}" for asked in programs.deployment_demands(stands, each.entrypoint)]
    if found:
        return failed(f"the worker refuses {'; '.join(found)}; find out who changed it, then run: liftgate deploy")
    if pool["type"] != programs.POOL_TYPE:
        return not_configured(_other_type(registry.name, pool["type"]))
    return passed(f"the pool {registry.name} and its deployments ask only for the flows of this installation")


def written(folder: Path) -> tuple[Deployment, ...]:
    """The deployments that the folder's prefect.yaml defines."""
    import yaml

    path = folder / "prefect.yaml"
    if not path.exists():
        raise Misconfigured(f"{path} is missing: this installation of Liftgate is incomplete")
    return deployments.read_deployments(yaml.safe_load(path.read_text()))
