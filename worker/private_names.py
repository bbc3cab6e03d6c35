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
        "prefect._internal.version_checking": ("ssl",),
    }
)
"""By module or class; heartbeat.py and skipped_requests.py say why. The base of Prefect's workers is public."""
UNDOCUMENTED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "prefect.client.orchestration": ("ssl",),
        "prefect.context": ("refresh_global_settings_context",),
        "prefect.engine": ("handle_engine_signals",),
        "prefect.flow_engine": ("run_flow",),
        "prefect.logging.configuration": ("setup_logging",),
        "prefect.utilities.engine": ("propose_state",),
    }
)
"""Names without an underscore that Prefect's documentation does not explain."""
