"""The flows as Prefect knows them: deployments with a form whose selects are filled from the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from liftgate.domain.installation import prefixed
from liftgate.domain.value import Json, Value

_NAMED = frozenset({"name", "work_pool"})
_APPLICATION, _ENVIRONMENT = frozenset({"application"}), frozenset({"to", "environment"})


class Schedule(Value):
    cron: str
    timezone: str


class Deployment(Value):
    """As prefect.yaml writes it; its flow has the last part of the entrypoint as its name."""

    entrypoint: str
    description: str = ""
    tags: tuple[str, ...] = ()
    enforce_parameter_schema: bool = True
    schedules: tuple[Schedule, ...] = ()
    pull: tuple[Json, ...] = ()

    @property
    def flow(self) -> str:
        return self.entrypoint.rpartition(".")[2]

    def request(self, flow_id: str, installation: str, parameters: Json) -> dict[str, Json]:
        """Body of `POST /deployments/`; the same flow and name bring an existing one up to date."""
        return {
            "name": prefixed(installation, self.flow),
            "flow_id": flow_id,
            "entrypoint": self.entrypoint,
            "path": ".",
            "pull_steps": list(self.pull),
            "work_pool_name": installation,
            "description": self.description,
            "tags": list(self.tags),
            "enforce_parameter_schema": self.enforce_parameter_schema,
            "parameter_openapi_schema": parameters,
            "schedules": [
                {"active": True, "schedule": {"cron": each.cron, "timezone": each.timezone}} for each in self.schedules
            ],
        }


def read(project: Mapping[str, Any]) -> tuple[Deployment, ...]:
    """The deployments of prefect.yaml's content. Names and work pool there are the default installation's, for
    Prefect's own command; here they come from this installation's name."""
    pull = tuple(project.get("pull") or ())
    return tuple(
        Deployment.model_validate({key: value for key, value in written.items() if key not in _NAMED} | {"pull": pull})
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
