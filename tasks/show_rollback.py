"""Show people what a rollback changes: in an artifact of the run, and in the chat if a person chose the target."""

from __future__ import annotations

from prefect import task
from prefect.futures import PrefectFuture

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common.markup import LONGEST, prose
from liftgate.domain.planning import diff
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import Rollback
from liftgate.errors import LiftgateError
from liftgate.services.notifications import tell
from liftgate.services.rollbacks import difference
from liftgate.wiring import integrations
from tasks.retry import PLAIN
from tasks.show import show


@task(name="show-rollback", task_run_name="show the difference", **PLAIN)
def show_rollback(rollback: Rollback) -> Plan | None:
    """Show the changes. A failure here must not stop or delay the rollback."""
    at = integrations()
    try:
        said = at.windows.ask(names(rollback.argocd)).verdict
        if said.pending:
            print(f"{said.reason}; a rollback does not wait: it restores the values in Git now")
        plan, misfits = difference(at, rollback)
    except LiftgateError as error:
        print(f"cannot show the changes: {error}")
        return None
    print("\n".join([diff.plan_terminal(plan, colour=False), *misfits]))
    if rollback.restores:
        tell(at, rollback, announcement.going_back(rollback, plan, at.page(rollback.id)))
    markdown = "\n\n".join([diff.plan_markdown(plan, limit=LONGEST), *map(prose, misfits)])
    show(rollback, "rollback", markdown, f"{rollback.title}: what changes of {', '.join(rollback.paths)}")
    return plan


def shown_plan(shown: PrefectFuture[Plan | None]) -> Plan | None:
    """The plan for the outcome's message, when it is ready."""
    shown.wait()
    plan = shown.state.result(raise_on_failure=False)
    return plan if isinstance(plan, Plan) else None
