"""Start the environments that come after this one; the key makes it harmless to do again."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.wiring import integrations
from tasks.retry import HEALS

FLOW = "promote"


@task(name="start-next", task_run_name="start-next", **HEALS)
def start_next(promotion: Promotion) -> tuple[str, ...]:
    """The runs that were started, or had been: their names."""
    at = integrations()
    tree = at.tree(promotion.head)
    configuration, entry = tree.configuration, promotion.entry
    if entry is None or not entry.good or promotion.kind == "rollback":
        return ()
    if promotion.kind == "update" and tree.source_path(promotion.application) != promotion.path:
        return ()  # it changed this environment alone; releases come from elsewhere
    started = []
    for name in configuration.after(promotion.environment):
        if configuration.policy_of(name).start == "automatic":
            parameters = {
                "application": promotion.application,
                "to": name,
                "release": entry.release,
                "reason": promotion.reason,
                "after": promotion.id,
            }
            run = at.runs.create(
                FLOW,
                parameters,
                idempotency_key=f"{promotion.id}-{name}",
                name=f"{promotion.application} {entry.version} → {name}",
                tags=[f"application:{promotion.application}", f"environment:{name}"],
            )
            started.append(run.name)
    return tuple(started)
