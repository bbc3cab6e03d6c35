"""The flows as Prefect knows them: deployments with a form whose selects are filled from the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from liftgate.domain.value import Json, Value

_APPLICATION, _ENVIRONMENT = frozenset({"application"}), frozenset({"to", "environment"})


class Schedule(Value):
    cron: str
    timezone: str


class Deployment(Value):
    """As prefect.yaml writes it; its flow has the last part of the entrypoint as its name."""

    name: str
    entrypoint: str
    description: str = ""
    tags: tuple[str, ...] = ()
    enforce_parameter_schema: bool = True
    schedules: tuple[Schedule, ...] = ()
    pull: tuple[Json, ...] = ()

    @property
    def flow(self) -> str:
        return self.entrypoint.rpartition(".")[2]

    @property
    def full_name(self) -> str:
        return f"{self.flow}/{self.name}"

    def request(self, flow_id: str, pool: str, parameters: Json) -> dict[str, Json]:
        """Body of `POST /deployments/`; the same flow and name bring an existing one up to date."""
        return {
            "name": self.name,
            "flow_id": flow_id,
            "entrypoint": self.entrypoint,
            "path": ".",
            "pull_steps": list(self.pull),
            "work_pool_name": pool,
            "description": self.description,
            "tags": list(self.tags),
            "enforce_parameter_schema": self.enforce_parameter_schema,
            "parameter_openapi_schema": parameters,
            "schedules": [
                {"active": True, "schedule": {"cron": each.cron, "timezone": each.timezone}} for each in self.schedules
            ],
        }


def read(project: Mapping[str, Any]) -> tuple[Deployment, ...]:
    """The deployments of prefect.yaml's content. The work pool is a setting and not read here."""
    pull = tuple(project.get("pull") or ())
    return tuple(
        Deployment.model_validate({key: value for key, value in written.items() if key != "work_pool"} | {"pull": pull})
        for written in project["deployments"]
    )


def with_choices(schema: Json, applications: Collection[str], environments: Collection[str]) -> Json:
    """The form's schema with a select wherever an application or an environment is asked for."""
    properties = {
        name: field | _choices(name, applications, environments) for name, field in schema["properties"].items()
    }
    return schema | {"properties": properties}


def _choices(name: str, applications: Collection[str], environments: Collection[str]) -> dict[str, Json]:
    if name in _APPLICATION and applications:
        return {"enum": list(applications)}
    if name in _ENVIRONMENT and environments:
        return {"enum": list(environments)}
    return {}
