"""Start a promotion for every application; one that cannot be started stops no other."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.errors import LiftgateError
from liftgate.wiring import integrations
from tasks.retry import HEALS
from tasks.start_next import DEPLOYMENT


@task(name="start-nightly", task_run_name="start promotions", **HEALS)
def start_nightly(reason: str) -> str:
    """A sentence with what was started and what was not."""
    at = integrations()
    tree = at.tree(at.git.fetch())
    first, identity = tree.configuration.order[0], str(flow_run.id)
    started, failed = [], []
    for name in tree.applications:
        parameters = {"application": name, "to": first, "reason": reason, "after": identity}
        try:
            run = at.runs.create(
                DEPLOYMENT,
                parameters,
                idempotency_key=f"{identity}-{name}",
                name=f"{name} nightly → {first}",
                tags=[f"application:{name}", f"environment:{first}"],
            )
            started.append(run.name)
        except LiftgateError as error:
            failed.append(f"{name}: {error}")
    return "; ".join([f"started {len(started)}: {', '.join(started)}", *failed])
