"""Bring the commit to the cluster and wait until it is synced and healthy, or until that will not happen."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.integrations.deployer import Deployed
from liftgate.services import deployments
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@task(name="sync", task_run_name="sync", **PLAIN)
def sync(promotion: Promotion) -> Deployed:
    """How the wait ended; bad news is a value, so that the rollback begins at once. Errors are no news."""
    deployed = deployments.bring(integrations(), promotion)
    print(f"{deployed.state} after {deployed.total:.1f} s: {deployed.reason}")
    return deployed
