"""What Prefect may say about the program of a run: the name of one of our flows, and nothing else.

A deployment, a run and a work pool can each name a command, variables, a folder or steps that fetch code. The worker
uses none of them. It refuses a run that has them, so that people see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from liftgate.domain.common.installation import prefixed
from liftgate.domain.common.value import Json

POOL_TYPE: Final = "liftgate"
"""Of a work pool that only our worker serves: Prefect has no worker of this type."""
TEMPLATE: Final[Json] = {
    "job_configuration": {"program": "the worker's own flows"},
    "variables": {"type": "object", "properties": {}},
}
"""Of our work pool: there is nothing to set. Prefect takes no empty configuration."""
PULL: Final[Json] = {"liftgate.runtime.project.enter_project": {}}
"""The pull step of prefect.yaml. Prefect's own worker needs it; ours does not run it."""
_HARMLESS: Final = frozenset({"stream_output"})
_SHOWN, _LONG = 5, 60


def flow_refusal(
    run: Mapping[str, Any], flow: str, deployment: Mapping[str, Any], installation: str, flows: Mapping[str, str]
) -> str:
    """Why the run is not one of this installation's flows; empty if it is. `flows` are entrypoints by flow name."""
    if flow not in flows:
        return f"this worker has no flow {_quoted(flow)}; it runs {', '.join(sorted(flows))}"
    wanted = prefixed(installation, flow)
    if deployment.get("name") != wanted or deployment.get("flow_id") != run.get("flow_id"):
        return f"the deployment {_quoted(deployment.get('name'))} is not the one of this installation: {wanted}"
    return ""


def demands(run: Mapping[str, Any], deployment: Mapping[str, Any], template: Json, entrypoint: str) -> list[str]:
    """Everything that the run, its deployment or the work pool's template asks for."""
    return [*_of_run(run), *deployment_demands(deployment, entrypoint), *template_demands(template)]


def refusal_of(found: list[str]) -> str:
    """One sentence for people; empty without demands."""
    if not found:
        return ""
    return (
        f"this worker runs only its own flows; refused: {', '.join(found)}. Run liftgate deploy, then start a new run"
    )


def deployment_demands(deployment: Mapping[str, Any], entrypoint: str) -> Iterator[str]:
    """What a deployment has that `liftgate deploy` does not register."""
    if names := _names(deployment.get("job_variables")):
        yield f"job variables of its deployment ({names})"
    steps = [step for step in deployment.get("pull_steps") or () if step != PULL]
    if names := _listed(key for step in steps for key in (step if isinstance(step, Mapping) else [step])):
        yield f"pull steps of its deployment ({names})"
    if deployment.get("storage_document_id"):
        yield "a storage block of its deployment"
    if deployment.get("entrypoint") != entrypoint:
        yield f"the entrypoint {_quoted(deployment.get('entrypoint'))} instead of {entrypoint}"


def template_demands(template: Json) -> Iterator[str]:
    """What a work pool's template sets. A plain placeholder sets nothing unless its variable has a default."""
    configuration = template.get("job_configuration") or {}
    properties = (template.get("variables") or {}).get("properties") or {}
    given = {name: field.get("default") for name, field in properties.items() if isinstance(field, Mapping)}
    usual = {name: f"{{{{ {name} }}}}" for name in configuration} | TEMPLATE["job_configuration"]
    fixed = {name: value for name, value in configuration.items() if value != usual[name]}
    asked = {name for name, value in (given | fixed).items() if value and name not in _HARMLESS}
    if asked:
        yield f"settings of the work pool's template ({_listed(sorted(asked))})"


def _of_run(run: Mapping[str, Any]) -> Iterator[str]:
    if names := _names(run.get("job_variables")):
        yield f"job variables of the run ({names})"


def _names(variables: Any) -> str:
    return _listed(sorted(variables)) if variables else ""


def _listed(names: Any) -> str:
    found = [_quoted(name) for name in names]
    return ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _quoted(text: Any) -> str:
    """Text of others, short and without control characters."""
    shown = ascii(str(text))[1:-1]
    return shown if len(shown) <= _LONG else f"{shown[:_LONG]}…"
