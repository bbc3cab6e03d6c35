"""Which tests run in one process one after the other, and which begin first."""

from __future__ import annotations

from typing import Final

FIRST: Final = (
    "tests/chaos/test_chaos.py",
    "tests/demo/test_demo.py",
    "tests/test_readme.py",
    "tests/flows/",
    "tests/integrations/runs/",
    "tests/services/test_restarts.py",
    "tests/server/test_with_the_flow.py",
    "tests/cli/test_servers.py",
    "tests/worker/",
    "tests/server/test_installations.py",
    "tests/services/test_drift.py",
    "tests/cli/test_up.py",
    "sandbox/sandbox_tests/argocd/test_recordings.py",
    "tests/security/test_prefect_form.py",
    "tests/runtime/",
    "tests/test_limits.py",
)
"""What takes longest or mostly waits, in the order in which it begins: left for the end, the processors would
wait with it."""
WITH_THE_FIRST: Final = 5
"""How many processes begin with these. Further ones begin with the other tests: while the former wait for Prefect, they
keep the processors busy."""
EACH_BY_ITSELF: Final = (
    "tests/flows/",
    "tests/server/test_with_the_flow.py",
    "tests/cli/test_servers.py",
    "tests/services/moved/",
)
"""Files of long tests that share nothing. The tests of each other file stay together: what its fixtures start, such as
a worker, a browser or `up`, is started once."""


def turn(nodeid: str) -> tuple[int, str]:
    """The lower, the earlier the test begins; those of a file one after the other."""
    first = next((turn for turn, place in enumerate(FIRST) if nodeid.startswith(place)), len(FIRST))
    return first, nodeid.partition("::")[0]


def is_first(nodeid: str) -> bool:
    return nodeid.startswith(FIRST)


def unit(nodeid: str) -> str:
    """Tests with the same unit run in one process."""
    return nodeid if nodeid.startswith(EACH_BY_ITSELF) else nodeid.partition("::")[0]
