"""Registers deployments through Prefect's REST API, as `prefect deploy` would, without importing Prefect."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.deployment import Deployment
from liftgate.domain.value import Json
from liftgate.integrations.http import error_of, json_of
from liftgate.integrations.runs.listing import WHO
from liftgate.integrations.runs.prefect import Prefect


class Registry(Prefect):
    def ensure_pool(self, name: str) -> bool:
        """Make the process work pool; False when there was one of that name."""
        response = self._send("POST", "/work_pools/", json={"name": name, "type": "process"})
        if response.status_code == 409:
            return False
        if not response.is_success:
            raise error_of(response, WHO)
        return True

    def register(self, deployment: Deployment, pool: str, parameters: Json) -> str:
        """Make the deployment or bring it up to date; its id."""
        flow = self._json("POST", "/flows/", json={"name": deployment.flow})
        body = deployment.request(flow["id"], pool, parameters)
        return str(self._json("POST", "/deployments/", json=body)["id"])

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of these `flow/deployment` Prefect does not have."""
        return [name for name in names if self._send("GET", f"/deployments/name/{name}").status_code == 404]

    def workers(self, pool: str) -> list[str]:
        """Names of the workers that are online in the pool."""
        response = self._send("POST", f"/work_pools/{pool}/workers/filter", json={})
        if response.status_code == 404:
            return []
        return [each["name"] for each in json_of(response, WHO) if each.get("status") == "ONLINE"]
