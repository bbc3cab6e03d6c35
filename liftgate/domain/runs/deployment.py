"""The flows as Prefect knows them: deployments with a form whose selects are filled from the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from liftgate.domain.common.installation import prefixed
from liftgate.domain.common.schedule import Schedule
from liftgate.domain.common.value import Json, Value
from liftgate.domain.runs.capacity import queue_of

_NAMED = frozenset({"name", "work_pool"})
_APPLICATION, _ENVIRONMENT = frozenset({"application"}), frozenset({"to", "environment"})


class Deployment(Value):
    """A deployment as in prefect.yaml; the last part of the entrypoint is its flow, whose name has dashes."""

    entrypoint: str
    description: str = ""
    tags: tuple[str, ...] = ()
    enforce_parameter_schema: bool = True
    schedules: tuple[Schedule, ...] = ()
    pull: tuple[Json, ...] = ()

    @property
    def flow(self) -> str:
        return self.entrypoint.rpartition(".")[2].replace("_", "-")

    def request(self, flow_id: str, installation: str, parameters: Json) -> dict[str, Json]:
        """Body of `POST /deployments/`; the same flow and name update an existing deployment. What it could have of
        another program is taken away."""
        return {
            "name": prefixed(installation, self.flow),
            "flow_id": flow_id,
            "entrypoint": self.entrypoint,
            "path": ".",
            "pull_steps": list(self.pull),
            "job_variables": {},
            "storage_document_id": None,
            "infrastructure_document_id": None,
            "work_pool_name": installation,
            "work_queue_name": queue_of(self.flow),
            "description": self.description,
            "tags": list(self.tags),
            "enforce_parameter_schema": self.enforce_parameter_schema,
            "parameter_openapi_schema": parameters,
            "parameters": {},
            "schedules": [
                {"active": True, "schedule": {"cron": each.cron, "timezone": each.timezone}} for each in self.schedules
            ],
        }


def read_deployments(project: Mapping[str, Any]) -> tuple[Deployment, ...]:
    """The deployments in prefect.yaml. Its names and work pool are those of the default installation, for Prefect's
    own command; here they come from this installation's name."""
    pull = tuple(project.get("pull") or ())
    return tuple(
        Deployment.model_validate({key: value for key, value in written.items() if key not in _NAMED} | {"pull": pull})
        for written in project["deployments"]
    )


def with_schedules(deployments: Iterable[Deployment], schedules: Mapping[str, Schedule]) -> tuple[Deployment, ...]:
    """The same deployments, each with the flow's schedule in `liftgate.json` if it is there."""
    return tuple(
        each.copy_with(schedules=(schedules[each.flow],)) if each.flow in schedules else each for each in deployments
    )


def with_choices(schema: Json, applications: Collection[str], environments: Collection[str]) -> Json:
    """The form's schema, with a select for each application and environment field."""
    fields = _fields(schema)
    chosen = {name: field | _choices(name, applications, environments) for name, field in fields.items()}
    return schema | {"properties": schema["properties"] | chosen} if chosen else schema


def offered_applications(schema: Json) -> tuple[str, ...]:
    """The choices of the form's application field."""
    enums = [field.get("enum") for name, field in _fields(schema).items() if name in _APPLICATION]
    return tuple(each for enum in enums if isinstance(enum, list) for each in enum if isinstance(each, str))


def _fields(schema: Json) -> dict[str, dict[str, Json]]:
    """Those that are objects: Prefect stores any schema that it is given."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    found = properties.items() if isinstance(properties, dict) else ()
    return {name: field for name, field in found if isinstance(field, dict)}


def _choices(name: str, applications: Collection[str], environments: Collection[str]) -> dict[str, Json]:
    if name in _APPLICATION and applications:
        return {"enum": list(applications)}
    if name in _ENVIRONMENT and environments:
        return {"enum": list(environments)}
    return {}
