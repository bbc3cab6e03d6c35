"""What a run shows in Prefect's own pages."""

from __future__ import annotations

from liftgate.domain.common.installation import prefixed
from tests.lab import Lab


def artifacts(lab: Lab, run: str, key: str) -> list[str]:
    """The texts of the run's artifacts under the key, which the installation's name begins."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [run]}, "key": {"any_": [prefixed(lab.prefect.pool, key)]}}}
    return [str(artifact["data"]) for artifact in lab.prefect.call("POST", "/artifacts/filter", wanted)]
