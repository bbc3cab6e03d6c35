"""Registers deployments through Prefect's REST API, as `prefect deploy` would, without importing Prefect."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.common.installation import deployment as deployment_of
from liftgate.domain.common.value import Json
from liftgate.domain.runs import capacity
from liftgate.domain.runs.deployment import Deployment
from liftgate.domain.runs.programs import POOL_TYPE, TEMPLATE
from liftgate.integrations.http import error_of, json_of
from liftgate.integrations.runs.listing import WHO
from liftgate.integrations.runs.prefect import Prefect


class Registry(Prefect):
    def ensure_pool(self) -> bool:
        """Make the installation's work pool, for our own worker; False when there was one of that name."""
        body = {"name": self.name, "type": POOL_TYPE, "base_job_template": TEMPLATE}
        response = self._send("POST", "/work_pools/", json=body)
        if response.status_code == 409:
            return False
        if not response.is_success:
            raise error_of(response, WHO)
        return True

    def pool(self) -> Json:
        """The work pool as Prefect has it; None if there is none."""
        response = self._send("GET", f"/work_pools/{self.name}")
        return None if response.status_code == 404 else json_of(response, WHO)

    def reset_template(self) -> None:
        self._change(f"/work_pools/{self.name}", base_job_template=TEMPLATE)

    def set_limit(self, limit: int) -> None:
        """Of the runs of the work pool at once: rollbacks have a queue before all others, which leave it one place."""
        queues = f"/work_pools/{self.name}/queues"
        made = self._send("POST", queues, json={"name": capacity.QUEUE, "priority": 1})
        if made.status_code == 409:
            self._change(f"{queues}/{capacity.QUEUE}", priority=1)
        elif not made.is_success:
            raise error_of(made, WHO)
        self._change(f"{queues}/{capacity.DEFAULT_QUEUE}", concurrency_limit=capacity.others(limit))
        self._change(f"/work_pools/{self.name}", concurrency_limit=limit)

    def deployment(self, flow: str) -> Json:
        """The installation's deployment of the flow as Prefect has it; None if there is none."""
        response = self._send("GET", f"/deployments/name/{deployment_of(self.name, flow)}")
        return None if response.status_code == 404 else json_of(response, WHO)

    def register(self, deployment: Deployment, parameters: Json) -> str:
        """Make the deployment or bring it up to date; its id."""
        flow = self._json("POST", "/flows/", json={"name": deployment.flow})
        body = deployment.request(flow["id"], self.name, parameters)
        return str(self._json("POST", "/deployments/", json=body)["id"])

    def missing(self, flows: Iterable[str]) -> list[str]:
        """Which `flow/deployment` of the installation Prefect does not have."""
        return [deployment_of(self.name, flow) for flow in flows if self.deployment(flow) is None]

    def workers(self) -> list[str]:
        """Names of the workers that are online in the installation's pool."""
        response = self._send("POST", f"/work_pools/{self.name}/workers/filter", json={})
        if response.status_code == 404:
            return []
        return [each["name"] for each in json_of(response, WHO) if each.get("status") == "ONLINE"]
