"""Bring the commit to the cluster and wait until it is synced and healthy, or until that has failed."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import Attempt
from liftgate.integrations.deployer import Deployed
from liftgate.services import deployments
from tasks.ours import ours_or_unknown
from tasks.retry import PLAIN


@task(name="sync", task_run_name="sync", **PLAIN)
def sync(promotion: Attempt) -> Deployed:
    """How the wait ended. A failed sync is a value, not an exception, so that the rollback starts at once."""
    deployed = deployments.bring_to_cluster(ours_or_unknown(), promotion)
    print(f"{deployed.state} after {deployed.total:.1f} s: {deployed.reason}")
    return deployed
