"""What each operation of Prefect's API does: it reads, starts a run, or operates Prefect.

The table has every operation of the Prefect version that is installed; a test compares the two. An operation that is
not listed has no class and is refused. `operate` are also the reads that can show a secret (variables, blocks,
settings), and those with an effect (a worker's request for its runs).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from liftgate.domain.config.access import Access, strongest

READ: Final = """
GET /admin/version
POST /artifacts/count
POST /artifacts/filter
POST /artifacts/latest/count
POST /artifacts/latest/filter
GET /artifacts/{id}
GET /artifacts/{key}/latest
POST /automations/count
POST /automations/filter
GET /automations/related-to/{resource_id}
POST /automations/templates/validate
GET /automations/{id}
GET /block_capabilities/
GET /block_schemas/checksum/{checksum}
POST /block_schemas/filter
GET /block_schemas/{id}
POST /block_types/filter
GET /block_types/slug/{slug}
GET /block_types/{id}
GET /collections/views/{view}
POST /concurrency_limits/filter
GET /concurrency_limits/tag/{tag}
GET /concurrency_limits/{id}
GET /csrf-token
POST /deployments/count
POST /deployments/filter
GET /deployments/name/{flow_name}/{deployment_name}
POST /deployments/paginate
GET /deployments/{id}
GET /deployments/{id}/schedules
GET /deployments/{id}/work_queue_check
POST /events/count-by/{countable}
POST /events/filter
GET /events/filter/next
GET /flow_run_states/
GET /flow_run_states/{id}
POST /flow_runs/count
POST /flow_runs/filter
POST /flow_runs/history
POST /flow_runs/lateness
POST /flow_runs/paginate
GET /flow_runs/{id}
GET /flow_runs/{id}/graph
GET /flow_runs/{id}/graph-v2
POST /flow_runs/{id}/input/filter
GET /flow_runs/{id}/input/{key}
GET /flow_runs/{id}/logs/download
POST /flows/count
POST /flows/filter
GET /flows/name/{name}
POST /flows/paginate
GET /flows/{id}
GET /health
GET /hello
POST /logs/filter
GET /observed-states
GET /ready
POST /saved_searches/filter
GET /saved_searches/{id}
GET /task_run_states/
GET /task_run_states/{id}
POST /task_runs/count
POST /task_runs/filter
POST /task_runs/history
POST /task_runs/paginate
GET /task_runs/{id}
POST /task_workers/filter
POST /templates/validate
POST /ui/flow_runs/count-task-runs
POST /ui/flow_runs/history
POST /ui/flows/count-deployments
POST /ui/flows/next-runs
POST /ui/task_runs/count
POST /ui/task_runs/dashboard/counts
GET /ui/task_runs/{id}
POST /v2/concurrency_limits/filter
GET /v2/concurrency_limits/{id_or_name}
GET /version
POST /work_pools/count
POST /work_pools/filter
GET /work_pools/{name}
POST /work_pools/{name}/concurrency_status
POST /work_pools/{work_pool_name}/queues/filter
GET /work_pools/{work_pool_name}/queues/{name}
POST /work_pools/{work_pool_name}/workers/filter
POST /work_queues/filter
GET /work_queues/name/{name}
GET /work_queues/{id}
POST /work_queues/{id}/concurrency_status
GET /work_queues/{id}/status
"""
START: Final = """
POST /deployments/{id}/create_flow_run
POST /ui/schemas/validate
"""
OPERATE: Final = """
GET /admin/settings
GET /admin/storage
PUT /admin/storage
DELETE /admin/storage
POST /artifacts/
PATCH /artifacts/{id}
DELETE /artifacts/{id}
POST /automations/
DELETE /automations/owned-by/{resource_id}
PUT /automations/{id}
PATCH /automations/{id}
DELETE /automations/{id}
POST /block_documents/
POST /block_documents/count
POST /block_documents/filter
GET /block_documents/{id}
DELETE /block_documents/{id}
PATCH /block_documents/{id}
POST /block_schemas/
DELETE /block_schemas/{id}
POST /block_types/
POST /block_types/install_system_block_types
GET /block_types/slug/{slug}/block_documents
GET /block_types/slug/{slug}/block_documents/name/{block_document_name}
PATCH /block_types/{id}
DELETE /block_types/{id}
POST /concurrency_limits/
POST /concurrency_limits/decrement
POST /concurrency_limits/increment
DELETE /concurrency_limits/tag/{tag}
POST /concurrency_limits/tag/{tag}/reset
DELETE /concurrency_limits/{id}
POST /deployments/
POST /deployments/bulk_delete
POST /deployments/get_scheduled_flow_runs
PATCH /deployments/{id}
DELETE /deployments/{id}
POST /deployments/{id}/create_flow_run/bulk
POST /deployments/{id}/pause_deployment
POST /deployments/{id}/resume_deployment
POST /deployments/{id}/schedule
POST /deployments/{id}/schedules
PATCH /deployments/{id}/schedules/{schedule_id}
DELETE /deployments/{id}/schedules/{schedule_id}
POST /events
POST /flow_runs/
POST /flow_runs/bulk_delete
POST /flow_runs/bulk_set_state
PATCH /flow_runs/{id}
DELETE /flow_runs/{id}
POST /flow_runs/{id}/input
DELETE /flow_runs/{id}/input/{key}
PATCH /flow_runs/{id}/labels
POST /flow_runs/{id}/resume
POST /flow_runs/{id}/set_state
POST /flows/
POST /flows/bulk_delete
PATCH /flows/{id}
DELETE /flows/{id}
POST /logs/
PUT /saved_searches/
DELETE /saved_searches/{id}
POST /task_runs/
PATCH /task_runs/{id}
DELETE /task_runs/{id}
POST /task_runs/{id}/set_state
POST /v2/concurrency_limits/
POST /v2/concurrency_limits/decrement
POST /v2/concurrency_limits/decrement-with-lease
POST /v2/concurrency_limits/increment
POST /v2/concurrency_limits/increment-with-lease
POST /v2/concurrency_limits/leases/{lease_id}/renew
PATCH /v2/concurrency_limits/{id_or_name}
DELETE /v2/concurrency_limits/{id_or_name}
POST /variables/
POST /variables/count
POST /variables/filter
GET /variables/name/{name}
PATCH /variables/name/{name}
DELETE /variables/name/{name}
GET /variables/{id}
PATCH /variables/{id}
DELETE /variables/{id}
POST /work_pools/
PATCH /work_pools/{name}
DELETE /work_pools/{name}
POST /work_pools/{name}/get_scheduled_flow_runs
POST /work_pools/{work_pool_name}/queues
PATCH /work_pools/{work_pool_name}/queues/{name}
DELETE /work_pools/{work_pool_name}/queues/{name}
POST /work_pools/{work_pool_name}/workers/heartbeat
DELETE /work_pools/{work_pool_name}/workers/{name}
POST /work_queues/
PATCH /work_queues/{id}
DELETE /work_queues/{id}
POST /work_queues/{id}/get_runs
"""


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, str], Access]:
    """The class of each operation, by method and path template."""
    classes: tuple[tuple[Access, str], ...] = (("read", READ), ("start", START), ("operate", OPERATE))
    listed = ((access, line.partition(" ")) for access, lines in classes for line in lines.split("\n") if line)
    return {(method, path): access for access, (method, _, path) in listed}


def access_of(method: str, path: str) -> Access | None:
    """The strongest class of the operations that this path can mean; None if there is none.

    `path` is decoded. A segment that a server could take for a folder's parent matches nothing.
    """
    if any(part in (".", "..") for part in path.split("/")):
        return None
    return strongest({access for form, access in _patterns(method) if form.fullmatch(path)})


@lru_cache(maxsize=16)
def _patterns(method: str) -> list[tuple[re.Pattern[str], Access]]:
    return [(_pattern(path), access) for (verb, path), access in table().items() if verb == method]


def _pattern(template: str) -> re.Pattern[str]:
    parts = (r"[^/\x00-\x1f\x7f]+" if part.startswith("{") else re.escape(part) for part in template.split("/"))
    return re.compile("/".join(parts))
