"""The names of Prefect that the worker uses although Prefect does not promise to keep them.

`tests/worker/test_private_names.py` fails for another version of Prefect: try the worker's tests with it, compare these
names with its source, and add the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TRIED: Final = ("3.8.8", "3.9.1")
NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "prefect.flow_engine": ("_send_heartbeats",),
        "prefect.flow_engine.FlowRunEngine": ("_build_heartbeat_event_template", "_emit_flow_run_heartbeat"),
        "prefect.results": (
            "_read_server_default_result_storage_block_id",
            "_aread_server_default_result_storage_block_id",
        ),
        "prefect._internal.concurrency.threads.EventLoopThread": ("_entrypoint",),
        "prefect._internal.version_checking": ("ssl",),
    }
)
"""By module or class; heartbeat.py, skipped_requests.py, stuck.py, suspension.py and task_events.py say why.
The base of Prefect's workers is public."""
UNDOCUMENTED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "prefect.client.orchestration": ("ssl",),
        "prefect.context": ("refresh_global_settings_context",),
        "prefect.engine": ("handle_engine_signals",),
        "prefect.events.worker": ("related_resources_from_run_context",),
        "prefect.flow_engine": ("observe_flow_run_suspension", "run_flow"),
        "prefect.logging.configuration": ("setup_logging",),
        "prefect.task_engine": ("emit_task_run_state_change_event",),
        "prefect.task_engine.BaseTaskRunEngine": ("log_finished_message",),
        "prefect.utilities.engine": ("propose_state",),
    }
)
"""Names without an underscore that Prefect's documentation does not explain."""
