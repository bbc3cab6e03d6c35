"""Registers deployments through Prefect's REST API, as `prefect deploy` would, without importing Prefect."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.deployment import Deployment
from liftgate.domain.installation import deployment as deployment_of
from liftgate.domain.value import Json
from liftgate.integrations.http import error_of, json_of
from liftgate.integrations.runs.listing import WHO
from liftgate.integrations.runs.prefect import Prefect


class Registry(Prefect):
    def ensure_pool(self) -> bool:
        """Make the installation's work pool, of processes; False when there was one of that name."""
        response = self._send("POST", "/work_pools/", json={"name": self.name, "type": "process"})
        if response.status_code == 409:
            return False
        if not response.is_success:
            raise error_of(response, WHO)
        return True

    def register(self, deployment: Deployment, parameters: Json) -> str:
        """Make the deployment or bring it up to date; its id."""
        flow = self._json("POST", "/flows/", json={"name": deployment.flow})
        body = deployment.request(flow["id"], self.name, parameters)
        return str(self._json("POST", "/deployments/", json=body)["id"])

    def missing(self, flows: Iterable[str]) -> list[str]:
        """Which `flow/deployment` of the installation Prefect does not have."""
        names = [deployment_of(self.name, flow) for flow in flows]
        return [name for name in names if self._send("GET", f"/deployments/name/{name}").status_code == 404]

    def workers(self) -> list[str]:
        """Names of the workers that are online in the installation's pool."""
        response = self._send("POST", f"/work_pools/{self.name}/workers/filter", json={})
        if response.status_code == 404:
            return []
        return [each["name"] for each in json_of(response, WHO) if each.get("status") == "ONLINE"]
