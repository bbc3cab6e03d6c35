"""Show people what a rollback changes of the values: as an artifact of the run, and in the chat where it was chosen."""

from __future__ import annotations

from prefect import task
from prefect.futures import PrefectFuture

from liftgate.domain import announcement, diff
from liftgate.domain.markup import prose
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError
from liftgate.services.notifications import tell
from liftgate.services.rollbacks import difference
from liftgate.wiring import integrations
from tasks.retry import PLAIN
from tasks.show import LIMIT, artifact_key, show


@task(name="show-rollback", task_run_name="show the difference", **PLAIN)
def show_rollback(rollback: Promotion) -> Plan | None:
    """Nothing here is worth a rollback's failing, or its waiting."""
    at = integrations()
    try:
        said = at.windows.ask(names(rollback.argocd)).verdict
        if said.pending:
            print(f"{said.reason}; a rollback does not wait for that: the values go back in Git now")
        plan, misfits = difference(at, rollback)
    except LiftgateError as error:
        print(f"the difference could not be shown: {error}")
        return None
    print("\n".join([diff.as_terminal(plan, colour=False), *misfits]))
    if rollback.restores:
        tell(at, rollback, announcement.going_back(rollback, plan, at.page(rollback.id)))
    show(
        key=artifact_key("rollback", rollback),
        markdown="\n\n".join([diff.as_markdown(plan, limit=LIMIT), *map(prose, misfits)]),
        description=f"{rollback.title}: what changes of {rollback.path}",
    )
    return plan


def shown_plan(shown: PrefectFuture[Plan | None]) -> Plan | None:
    """Once it is there, for the message of the outcome."""
    shown.wait()
    plan = shown.state.result(raise_on_failure=False)
    return plan if isinstance(plan, Plan) else None
