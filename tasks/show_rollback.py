"""Show people what a rollback changes of the values: as an artifact of the run, and in the chat where it was chosen."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.futures import PrefectFuture

from liftgate.domain import announcement, diff
from liftgate.domain.markup import prose
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.errors import LiftgateError
from liftgate.integrations.git import restoring
from liftgate.steps import of_files
from liftgate.wiring import Integrations, integrations
from tasks.preview import LIMIT, artifact_key
from tasks.retry import PLAIN
from tasks.tell import tell
from tasks.values_back import values_back


@task(name="show-rollback", task_run_name="show the difference", **PLAIN)
def show_rollback(rollback: Promotion) -> Plan | None:
    """Nothing here is worth a rollback's failing, or its waiting."""
    at = integrations()
    try:
        plan = plan_of(at, rollback)
    except LiftgateError as error:
        print(f"the difference could not be shown: {error}")
        return None
    print(diff.as_terminal(plan, colour=False))
    misfits = _misfits(at, rollback)
    print("\n".join(misfits))
    if rollback.restores:
        tell.fn(rollback, announcement.going_back(rollback, plan, at.page(rollback.id)))
    create_markdown_artifact(
        key=artifact_key("rollback", rollback),
        markdown="\n\n".join([diff.as_markdown(plan, limit=LIMIT), *map(prose, misfits)]),
        description=f"{rollback.title}: what changes of {rollback.path}",
    )
    return plan


def _misfits(at: Integrations, rollback: Promotion) -> list[str]:
    """What today's checks say of what comes back; empty where the file goes."""
    data = values_back(at, rollback.head, rollback)
    found = of_files.misfits(at.tree(rollback.head), rollback.application, rollback.environment, data) if data else ()
    return [f"does not fit today's checks: {each}" for each in found]


def shown_plan(shown: PrefectFuture[Plan | None]) -> Plan | None:
    """Once it is there, for the message of the outcome."""
    shown.wait()
    plan = shown.state.result(raise_on_failure=False)
    return plan if isinstance(plan, Plan) else None


def plan_of(at: Integrations, rollback: Promotion) -> Plan:
    """From the commit before the rollback's own, or the head as long as it has none."""
    before = at.git.resolve(f"{rollback.revision}^1") if rollback.revision else rollback.head
    data = values_back(at, before, rollback)
    return restoring.plan_back(at.tree(before), rollback.application, rollback.environment, data or b"")
